using System.Runtime.CompilerServices;
using LinqToDB;
using LinqToDB.Async;
using Meerkat.Core.Storage;
using Meerkat.Modules.Roster;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Roster;

/// <summary>Rosters in a SQL database. A write and the roster's new revision are one transaction.</summary>
public sealed class SqlRosterStore(SqlDatabase database) : IRosterStore
{
    /// <inheritdoc/>
    public ValueTask<StoredRoster> GetAsync(BareJid owner, CancellationToken ct) =>
        database.ReadAsync(
            async session =>
            {
                // The head is there before the first item, and most accounts that log in have one: two queries by key, in one snapshot.
                if (await session.AllOfAsync<RosterRow>(owner, ct) is not [var head])
                {
                    return StoredRoster.Empty;
                }

                var rows = await session.AllOfAsync<RosterItemRow>(owner, ct);
                return new StoredRoster([.. rows.Select(row => row.ToItem())], head.Version);
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask<RosterItem?> FindAsync(BareJid owner, Jid contact, CancellationToken ct)
    {
        var hash = RosterItemRow.HashOf(contact);
        var row = await database.ReadAsync(
            async session => await session.FindOwnerAsync(owner, ct) is { } id
                ? await session.RowsOf<RosterItemRow>(id).FirstOrDefaultAsync(item => item.ContactHash == hash, ct)
                : null,
            ct);
        return row?.ToItem();
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryWriteAsync(BareJid owner, RosterItem item, string? version, CancellationToken ct) =>
        database.WriteAsync(
            owner,
            async session =>
            {
                var id = await session.EnsureOwnerAsync(owner, CancellationToken.None);
                if (!await IsCurrentAsync(session, id, item))
                {
                    return false;
                }

                var row = RosterItemRow.From(id, item, await NextRevisionAsync(session, id, version));
                return item.Revision == 0 ? await session.AddAsync(row, CancellationToken.None) > 0 : await session.UpdateAsync(row, token: CancellationToken.None) > 0;
            },
            ct);

    /// <inheritdoc/>
    public ValueTask<bool> TryRemoveAsync(BareJid owner, RosterItem item, string? version, CancellationToken ct) =>
        database.WriteAsync(
            owner,
            async session =>
            {
                if (item.Revision == 0 || await session.FindOwnerAsync(owner, CancellationToken.None) is not { } id || !await IsCurrentAsync(session, id, item))
                {
                    return false;
                }

                await NextRevisionAsync(session, id, version);
                var hash = RosterItemRow.HashOf(item.Contact);
                return await session.RowsOf<RosterItemRow>(id).Where(row => row.ContactHash == hash).DeleteAsync(CancellationToken.None) > 0;
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        await database.RemoveRowsOfAsync<RosterItemRow>(account, ct);
        await database.RemoveRowsOfAsync<RosterRow>(account, ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        await database.RemoveRowsInAsync<RosterItemRow>(domain, ct);
        await database.RemoveRowsInAsync<RosterRow>(domain, ct);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        var roster = await GetAsync(account, ct);
        if (roster.Items.Count > 0)
        {
            yield return RosterExport.Of(roster.Items);
        }
    }

    private static Task<RosterRow?> HeadAsync(SqlSession session, long owner, CancellationToken ct) =>
        session.RowsOf<RosterRow>(owner).FirstOrDefaultAsync(ct);

    // Whether the stored item is the one that the caller has read; for a new one, whether there is none.
    private static async ValueTask<bool> IsCurrentAsync(SqlSession session, long owner, RosterItem item)
    {
        var hash = RosterItemRow.HashOf(item.Contact);
        var stored = await session.RowsOf<RosterItemRow>(owner).Where(row => row.ContactHash == hash).Select(row => row.Revision).ToListAsync(CancellationToken.None);
        return (stored is [var revision] ? revision : 0) == item.Revision;
    }

    private static async ValueTask<long> NextRevisionAsync(SqlSession session, long owner, string? version)
    {
        if (await HeadAsync(session, owner, CancellationToken.None) is not { } head)
        {
            await session.AddAsync(new RosterRow { OwnerId = owner, Version = version, Revision = 1 }, CancellationToken.None);
            return 1;
        }

        await session.UpdateAsync(new RosterRow { OwnerId = owner, Version = version ?? head.Version, Revision = head.Revision + 1 }, token: CancellationToken.None);
        return head.Revision + 1;
    }
}
