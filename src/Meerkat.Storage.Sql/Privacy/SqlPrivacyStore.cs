using System.Runtime.CompilerServices;
using LinqToDB;
using Meerkat.Core.Storage;
using Meerkat.Modules.Privacy;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Privacy;

/// <summary>Privacy lists in a SQL database: a row a list, because a list is only ever read and written whole.</summary>
public sealed class SqlPrivacyStore(SqlDatabase database) : IPrivacyStore
{
    /// <inheritdoc/>
    public ValueTask<PrivacyLists> GetAsync(BareJid account, CancellationToken ct) =>
        database.ReadAsync(
            async session =>
            {
                var lists = await session.AllOfAsync<PrivacyListRow>(account, ct);
                if (lists.Count == 0)
                {
                    return PrivacyLists.Empty;
                }

                var chosen = await session.AllOfAsync<PrivacyDefaultRow>(account, ct);
                return new PrivacyLists(
                    chosen.SingleOrDefault()?.Name,
                    [.. lists.OrderBy(row => row.Name, StringComparer.Ordinal).Select(row => PrivacyXml.ReadStored(row.Xml))]);
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask SetAsync(BareJid account, PrivacyList list, bool makeDefault, CancellationToken ct)
    {
        var xml = PrivacyXml.Store(list);
        await database.WriteAsync(
            account,
            async session =>
            {
                var owner = await session.EnsureOwnerAsync(account, CancellationToken.None);
                var row = session.RowsOf<PrivacyListRow>(owner).Where(r => r.Name == list.Name);
                if (await row.Set(r => r.Xml, xml).UpdateAsync(CancellationToken.None) == 0)
                {
                    await session.AddAsync(new PrivacyListRow { OwnerId = owner, Name = list.Name, Xml = xml }, CancellationToken.None);
                }

                return makeDefault ? await ChooseAsync(session, owner, list.Name) : 0;
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(BareJid account, string name, CancellationToken ct) =>
        await database.WriteAsync(
            account,
            async session =>
            {
                if (await session.FindOwnerAsync(account, CancellationToken.None) is not { } owner)
                {
                    return 0;
                }

                await session.RowsOf<PrivacyDefaultRow>(owner).Where(r => r.Name == name).DeleteAsync(CancellationToken.None);
                return await session.RowsOf<PrivacyListRow>(owner).Where(r => r.Name == name).DeleteAsync(CancellationToken.None);
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask SetDefaultAsync(BareJid account, string? name, CancellationToken ct) =>
        await database.WriteAsync(
            account,
            async session =>
            {
                if (name is not null)
                {
                    return await ChooseAsync(session, await session.EnsureOwnerAsync(account, CancellationToken.None), name);
                }

                return await session.FindOwnerAsync(account, CancellationToken.None) is { } owner
                    ? await session.RowsOf<PrivacyDefaultRow>(owner).DeleteAsync(CancellationToken.None)
                    : 0;
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        await database.RemoveRowsOfAsync<PrivacyDefaultRow>(account, ct);
        await database.RemoveRowsOfAsync<PrivacyListRow>(account, ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        await database.RemoveRowsInAsync<PrivacyDefaultRow>(domain, ct);
        await database.RemoveRowsInAsync<PrivacyListRow>(domain, ct);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (PrivacyExport.Section(await GetAsync(account, ct)) is { } section)
        {
            yield return section;
        }
    }

    private static async ValueTask<int> ChooseAsync(SqlSession session, long owner, string name)
    {
        var changed = await session.RowsOf<PrivacyDefaultRow>(owner).Set(r => r.Name, name).UpdateAsync(CancellationToken.None);
        return changed > 0 ? changed : await session.AddAsync(new PrivacyDefaultRow { OwnerId = owner, Name = name }, CancellationToken.None);
    }
}
