using System.Runtime.CompilerServices;
using LinqToDB;
using LinqToDB.Async;
using Meerkat.Core.Storage;
using Meerkat.Modules.Offline;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Offline;

/// <summary>Messages that wait for their recipients, in a SQL database.</summary>
/// <remarks>The identity column is the order: the writes of one account stand in line.</remarks>
public sealed class SqlOfflineStore(SqlDatabase database) : IOfflineStore
{
    private const int ExportPage = 200;

    /// <inheritdoc/>
    public ValueTask<bool> AddAsync(BareJid account, OfflineMessage message, long limit, CancellationToken ct) =>
        database.WriteAsync(
            account,
            async session =>
            {
                var now = OfflineRow.Microseconds(message.Stored);
                var owner = await session.EnsureOwnerAsync(account, CancellationToken.None);
                if (limit != long.MaxValue)
                {
                    var waiting = await session.GetTable<OfflineRow>()
                        .Where(m => m.OwnerId == owner && (m.ExpiresAt == null || m.ExpiresAt > now))
                        .CountAsync(CancellationToken.None);
                    if (waiting >= limit)
                    {
                        return false;
                    }
                }

                await session.AddAsync(
                    new OfflineRow
                    {
                        OwnerId = owner,
                        Sender = message.From?.ToString(),
                        StoredAt = now,
                        SentAt = OfflineRow.Microseconds(message.Sent),
                        ExpiresAt = message.Expires is { } expires ? OfflineRow.Microseconds(expires) : null,
                        Xml = message.Xml.ToArray(),
                    },
                    CancellationToken.None);
                return true;
            },
            ct);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredMessage>> PeekAsync(BareJid account, int max, CancellationToken ct) => PageAsync(account, 0, max, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(BareJid account, IReadOnlyList<long> ids, CancellationToken ct)
    {
        if (ids.Count > 0)
        {
            await database.WriteAsync(
                account,
                async session => await session.FindOwnerAsync(account, CancellationToken.None) is { } owner
                    ? await session.RowsOf<OfflineRow>(owner).Where(m => ids.Contains(m.Id)).DeleteAsync(CancellationToken.None)
                    : 0,
                ct);
        }
    }

    /// <inheritdoc/>
    public ValueTask<string> ClaimAsync(BareJid account, OfflineClaim claim, DateTimeOffset now, string? gone, CancellationToken ct)
    {
        var (moment, until) = (OfflineRow.Microseconds(now), OfflineRow.Microseconds(claim.Until));
        return database.WriteAsync(
            account,
            async session =>
            {
                // The owner's row is locked from here on: of two claims at once one sees the other.
                var owner = await session.EnsureOwnerAsync(account, CancellationToken.None);
                var rows = session.RowsOf<OfflineClaimRow>(owner);
                if (await rows.FirstOrDefaultAsync(CancellationToken.None) is not { } held)
                {
                    await session.AddAsync(new OfflineClaimRow { OwnerId = owner, Holder = claim.Holder, Until = until }, CancellationToken.None);
                    return claim.Holder;
                }

                if (held.Holder != claim.Holder && held.Holder != gone && held.Until > moment)
                {
                    return held.Holder;
                }

                await rows.Set(row => row.Holder, claim.Holder).Set(row => row.Until, until).UpdateAsync(CancellationToken.None);
                return claim.Holder;
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask UnclaimAsync(BareJid account, string holder, CancellationToken ct) =>
        await database.WriteAsync(
            account,
            async session => await session.FindOwnerAsync(account, CancellationToken.None) is { } owner
                ? await session.RowsOf<OfflineClaimRow>(owner).Where(row => row.Holder == holder).DeleteAsync(CancellationToken.None)
                : 0,
            ct);

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(BareJid account, DateTimeOffset now, CancellationToken ct)
    {
        var moment = OfflineRow.Microseconds(now);
        return database.ReadAsync(
            async session => await session.FindOwnerAsync(account, ct) is { } owner
                ? await session.RowsOf<OfflineRow>(owner).LongCountAsync(m => m.ExpiresAt == null || m.ExpiresAt > moment, ct)
                : 0,
            ct);
    }

    /// <inheritdoc/>
    public ValueTask<long> RemoveExpiredAsync(string domain, DateTimeOffset now, CancellationToken ct)
    {
        var moment = OfflineRow.Microseconds(now);
        return database.WriteAsync<long>(async session => await session.RowsIn<OfflineRow>(domain).Where(m => m.ExpiresAt <= moment).DeleteAsync(CancellationToken.None), ct);
    }

    /// <inheritdoc/>
    public ValueTask<long> RemoveOlderAsync(string domain, DateTimeOffset moment, CancellationToken ct)
    {
        var before = OfflineRow.Microseconds(moment);
        return database.WriteAsync<long>(async session => await session.RowsIn<OfflineRow>(domain).Where(m => m.StoredAt < before).DeleteAsync(CancellationToken.None), ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => 
        await Task.WhenAll(database.RemoveRowsOfAsync<OfflineRow>(account, ct).AsTask(), database.RemoveRowsOfAsync<OfflineClaimRow>(account, ct).AsTask());

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => 
        await Task.WhenAll(database.RemoveRowsInAsync<OfflineRow>(domain, ct).AsTask(), database.RemoveRowsInAsync<OfflineClaimRow>(domain, ct).AsTask());

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        for (long after = 0; await PageAsync(account, after, ExportPage, ct) is { Count: > 0 } page; after = page[^1].Id)
        {
            yield return OfflineExport.Section(account, page);
        }
    }

    private async ValueTask<IReadOnlyList<StoredMessage>> PageAsync(BareJid account, long after, int max, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            async session => await session.FindOwnerAsync(account, ct) is { } owner
                ? await session.RowsOf<OfflineRow>(owner).Where(m => m.Id > after).OrderBy(m => m.Id).Take(max).ToListAsync(ct)
                : [],
            ct);
        return [.. rows.Select(row => row.ToStored())];
    }
}
