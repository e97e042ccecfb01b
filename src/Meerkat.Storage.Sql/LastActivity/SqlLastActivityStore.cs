using System.Runtime.CompilerServices;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using Meerkat.Core.Storage;
using Meerkat.Modules.LastActivity;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.LastActivity;

/// <summary>Last activities in a SQL database.</summary>
public sealed class SqlLastActivityStore(SqlDatabase database) : ILastActivityStore
{
    /// <inheritdoc/>
    public async ValueTask<LastSeen?> FindAsync(BareJid account, CancellationToken ct)
    {
        var rows = await database.RowsOfAsync<LastActivityRow>(account, ct);
        return rows is [var row] ? row.ToSeen() : null;
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(BareJid account, LastSeen seen, CancellationToken ct) =>
        await database.WriteAsync(account, async session => await ReplaceAsync(session, account, seen) ? 1 : await WriteAsync(session, account, seen, (known, seconds) => known <= seconds), ct);

    /// <inheritdoc/>
    public async ValueTask NoteAsync(IReadOnlyList<BareJid> accounts, DateTimeOffset moment, CancellationToken ct) =>
        await database.WriteAsync(
            async session =>
            {
                foreach (var account in accounts.OrderBy(account => account.ToString(), StringComparer.Ordinal)) // in one order everywhere: two sweeps must not wait for each other
                {
                    await WriteAsync(session, account, new LastSeen(moment, ""), (known, seconds) => known <= seconds);
                }

                return accounts.Count;
            },
            ct);

    /// <inheritdoc/>
    public ValueTask OverwriteAsync(BareJid account, LastSeen seen, CancellationToken ct) => WriteAsync(account, seen, (_, _) => true, ct);

    /// <inheritdoc/>
    public ValueTask<long> CountAfterAsync(string domain, DateTimeOffset moment, CancellationToken ct)
    {
        var seconds = moment.ToUnixTimeSeconds();
        return database.ReadAsync(async session => await session.RowsIn<LastActivityRow>(domain).LongCountAsync(row => row.Seconds > seconds, ct), ct);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<BareJid, DateTimeOffset>> ListAsync(string domain, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            async session => await (
                from o in session.GetTable<OwnerRow>()
                where o.Domain == domain
                join row in session.GetTable<LastActivityRow>() on o.Id equals row.OwnerId
                select new { o.Localpart, row.Seconds }).ToListAsync(ct),
            ct);
        var seen = new Dictionary<BareJid, DateTimeOffset>(rows.Count);
        foreach (var row in rows)
        {
            if (BareJid.TryCreate(row.Localpart, domain, out var account))
            {
                seen[account] = DateTimeOffset.FromUnixTimeSeconds(row.Seconds);
            }
        }

        return seen;
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => await database.RemoveRowsOfAsync<LastActivityRow>(account, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => await database.RemoveRowsInAsync<LastActivityRow>(domain, ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await FindAsync(account, ct) is { } seen)
        {
            yield return LastActivityExport.Section(seen);
        }
    }

    // What nearly every log-out is, in one statement whose text is made once.
    private static async ValueTask<bool> ReplaceAsync(SqlSession session, BareJid account, LastSeen seen) =>
        await session.ExecuteAsync(
            "UPDATE last_activity SET seconds = @seconds, status = @status WHERE seconds <= @seconds AND owner_id = (SELECT id FROM owner WHERE domain = @domain AND localpart = @localpart)",
            CancellationToken.None,
            new DataParameter("seconds", seen.Moment.ToUnixTimeSeconds()),
            new DataParameter("status", seen.Status),
            new DataParameter("domain", account.Domain),
            new DataParameter("localpart", account.Local ?? "")) > 0;

    private async ValueTask WriteAsync(BareJid account, LastSeen seen, Func<long, long, bool> replaces, CancellationToken ct) =>
        await database.WriteAsync(account, session => WriteAsync(session, account, seen, replaces), ct);

    private static async ValueTask<int> WriteAsync(SqlSession session, BareJid account, LastSeen seen, Func<long, long, bool> replaces)
    {
        var seconds = seen.Moment.ToUnixTimeSeconds();
        var owner = await session.EnsureOwnerAsync(account, CancellationToken.None);
        var rows = session.GetTable<LastActivityRow>().Where(row => row.OwnerId == owner);
        if (await rows.Select(row => (long?)row.Seconds).FirstOrDefaultAsync(CancellationToken.None) is not { } known)
        {
            return await session.AddAsync(new LastActivityRow { OwnerId = owner, Seconds = seconds, Status = seen.Status }, CancellationToken.None);
        }

        return !replaces(known, seconds) ? 0 : await rows.Set(row => row.Seconds, seconds).Set(row => row.Status, seen.Status).UpdateAsync(CancellationToken.None);
    }
}
