using System.Runtime.CompilerServices;
using System.Text;
using LinqToDB;
using LinqToDB.Async;
using Meerkat.Core.Storage;
using Meerkat.Modules.PrivateStorage;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.PrivateStorage;

/// <summary>Private XML in a SQL database.</summary>
public sealed class SqlPrivateStore(SqlDatabase database) : IPrivateStore
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<XmlElement>> GetAsync(BareJid owner, IReadOnlyList<XmlElement> asked, CancellationToken ct)
    {
        var namespaces = asked.Select(element => element.Namespace).Distinct().ToArray();
        var rows = await database.ReadAsync(
            async session => await session.RowsOf<PrivateRow>(owner).Where(row => namespaces.Contains(row.Namespace)).ToListAsync(ct), ct);
        var found = rows.ToDictionary(row => row.Namespace, row => XmlElement.Parse(row.Xml, limits: XmlLimits.Unlimited));
        return [.. asked.Select(element => found.GetValueOrDefault(element.Namespace, element))];
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(BareJid owner, IReadOnlyList<XmlElement> fragments, CancellationToken ct)
    {
        var texts = fragments.GroupBy(fragment => fragment.Namespace).Select(group => (Namespace: group.Key, Xml: group.Last().ToUtf8())).ToArray();
        await database.WriteAsync(
            owner,
            async session =>
            {
                var id = await session.EnsureOwnerAsync(owner, CancellationToken.None);
                foreach (var (ns, xml) in texts)
                {
                    var row = session.GetTable<PrivateRow>().Where(row => row.OwnerId == id && row.Namespace == ns);
                    if (await row.Set(r => r.Xml, xml).UpdateAsync(CancellationToken.None) == 0)
                    {
                        await session.InsertAsync(new PrivateRow { OwnerId = id, Namespace = ns, Xml = xml }, token: CancellationToken.None);
                    }
                }

                return texts.Length;
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => await database.RemoveRowsOfAsync<PrivateRow>(account, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => await database.RemoveRowsInAsync<PrivateRow>(domain, ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        var rows = await database.RowsOfAsync<PrivateRow>(account, ct);
        if (rows.Count > 0)
        {
            yield return new PersonalDataSection("private", ["ns", "xml"], [.. rows.Select(row => (IReadOnlyList<string>)[row.Namespace, Encoding.UTF8.GetString(row.Xml)])]);
        }
    }
}
