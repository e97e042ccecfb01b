using System.Runtime.CompilerServices;
using LinqToDB;
using LinqToDB.Async;
using Meerkat.Core.Storage;
using Meerkat.Modules.Privacy;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Privacy;

/// <summary>Privacy lists in a SQL database.</summary>
public sealed class SqlPrivacyStore(SqlDatabase database) : IPrivacyStore
{
    /// <inheritdoc/>
    public async ValueTask<PrivacyLists> GetAsync(BareJid account, CancellationToken ct)
    {
        // Every log-in asks, and few accounts keep a list: the second query is for those.
        var (rows, chosen) = await database.ReadAsync(
            async session =>
            {
                var lists = await session.RowsOf<PrivacyListRow>(account).OrderBy(row => row.Name).ToListAsync(ct);
                return (lists, lists.Count == 0 ? null : await session.RowsOf<PrivacyDefaultRow>(account).Select(row => row.Name).FirstOrDefaultAsync(ct));
            },
            ct);
        return rows.Count == 0 ? PrivacyLists.Empty : new PrivacyLists(chosen, [.. rows.Select(row => PrivacyXml.ReadStored(row.Items))]);
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(BareJid account, PrivacyList list, bool makeDefault, CancellationToken ct)
    {
        var items = PrivacyXml.Store(list);
        await database.WriteAsync(
            async session =>
            {
                var owner = await session.EnsureOwnerAsync(account, CancellationToken.None);
                var known = await session.GetTable<PrivacyListRow>().Where(row => row.OwnerId == owner && row.Name == list.Name).Set(row => row.Items, items).UpdateAsync(CancellationToken.None);
                if (known == 0)
                {
                    await session.InsertAsync(new PrivacyListRow { OwnerId = owner, Name = list.Name, Items = items }, token: CancellationToken.None);
                }

                return makeDefault ? await SetDefaultAsync(session, owner, list.Name) : 0;
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(BareJid account, string name, CancellationToken ct) =>
        await database.WriteAsync(
            async session =>
            {
                await session.RowsOf<PrivacyDefaultRow>(account).Where(row => row.Name == name).DeleteAsync(CancellationToken.None);
                return await session.RowsOf<PrivacyListRow>(account).Where(row => row.Name == name).DeleteAsync(CancellationToken.None);
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask SetDefaultAsync(BareJid account, string? name, CancellationToken ct) =>
        await database.WriteAsync(
            async session => name is null
                ? await session.RowsOf<PrivacyDefaultRow>(account).DeleteAsync(CancellationToken.None)
                : await SetDefaultAsync(session, await session.EnsureOwnerAsync(account, CancellationToken.None), name),
            ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) =>
        await database.WriteAsync(
            async session => await session.RowsOf<PrivacyDefaultRow>(account).DeleteAsync(CancellationToken.None)
                + await session.RowsOf<PrivacyListRow>(account).DeleteAsync(CancellationToken.None),
            ct);

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) =>
        await database.WriteAsync(
            async session => await session.RowsIn<PrivacyDefaultRow>(domain).DeleteAsync(CancellationToken.None)
                + await session.RowsIn<PrivacyListRow>(domain).DeleteAsync(CancellationToken.None),
            ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (PrivacyExport.Section(await GetAsync(account, ct)) is { } section)
        {
            yield return section;
        }
    }

    private static async ValueTask<int> SetDefaultAsync(SqlSession session, long owner, string name)
    {
        var known = await session.GetTable<PrivacyDefaultRow>().Where(row => row.OwnerId == owner).Set(row => row.Name, name).UpdateAsync(CancellationToken.None);
        return known > 0 ? known : await session.InsertAsync(new PrivacyDefaultRow { OwnerId = owner, Name = name }, token: CancellationToken.None);
    }
}
