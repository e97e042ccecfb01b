using System.Collections.Concurrent;
using System.Data.Common;
using LinqToDB.Data;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Sql.Mam.TextSearch;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Mam;

/// <summary>Message archives in a SQL database.</summary>
/// <remarks>Each page is one query by key; counting costs at most two more, over an index, and only over what lies beyond the page (MAM-086).</remarks>
public abstract class SqlArchive : IArchiveStore
{
    // Ids of owners that write: a bound for those who have very many.
    private const int MaxOwners = 100_000;

    private readonly ConcurrentDictionary<BareJid, long> _owners = new();

    private protected SqlArchive(SqlDatabase database, string table)
    {
        Database = database;
        Sql = new ArchiveSql(table);
    }

    /// <inheritdoc/>
    public ArchiveAbilities Abilities => ArchiveAbilities.All;

    private protected SqlDatabase Database { get; }

    private protected ArchiveSql Sql { get; }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(IReadOnlyList<ArchiveEntry> entries, CancellationToken ct)
    {
        try
        {
            Remember(await Database.WriteAsync(session => InsertAsync(session, entries), ct));
        }
        catch (DbException) when (ForgetOwners(entries))
        {
            // An owner was removed meanwhile, and its id with it: it gets a new one.
            Remember(await Database.WriteAsync(session => InsertAsync(session, entries), ct));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ArchivePage?> QueryAsync(BareJid owner, ArchiveQuery query, CancellationToken ct)
    {
        if (query.Words.Count > 0)
        {
            try
            {
                return await Database.ReadAsync(
                    async session => await PageAsync(session, owner, query, await Database.Dialect.TextIndex.FilterAsync(session, Sql.Table, owner, query.Words, ct), ct), ct);
            }
            catch (DbException failure) when (Database.Dialect.TextIndex.IsGone(failure))
            {
                // Without it everything is found as well.
            }
        }

        return await Database.ReadAsync(session => PageAsync(session, owner, query, null, ct), ct);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ArchivedMessage>> GetAsync(BareJid owner, IReadOnlyList<long> ids, CancellationToken ct)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        var parameters = new List<DataParameter>(ArchiveSql.OwnerOf(owner));
        var sql = Sql.ByIds(ids, parameters);
        var rows = await Database.ReadAsync(async session => await session.QueryToListAsync<ArchiveRow>(sql, ct, [.. parameters]), ct);
        var found = rows.ToDictionary(row => row.Id);
        return [.. ids.Where(found.ContainsKey).Select(id => found[id].ToMessage())];
    }

    /// <inheritdoc/>
    public async ValueTask<ArchivedMessage?> FindAsync(BareJid owner, BareJid remote, bool isOutgoing, string originId, CancellationToken ct)
    {
        var hash = ArchiveKeys.OfOrigin(owner, remote, isOutgoing, originId);
        var parameters = new List<DataParameter>();
        var sql = Sql.SameOrigin([hash], parameters);
        var rows = await Database.ReadAsync(async session => await session.QueryToListAsync<ArchiveRow>(sql, ct, [.. parameters]), ct);
        return rows.Where(row => row.OriginId == originId && row.Remote == remote.ToString()).MaxBy(row => row.Id)?.ToMessage();
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ReplaceAsync(BareJid owner, long id, ReadOnlyMemory<byte> xml, CancellationToken ct) =>
        await Database.WriteAsync(
            async session => await session.ExecuteAsync(Sql.Replace, CancellationToken.None, [.. ArchiveSql.OwnerOf(owner), new("id", id), new("xml", xml.ToArray())]), ct) > 0;

    /// <inheritdoc/>
    public async ValueTask<(long First, long Last)?> BoundsAsync(BareJid owner, CancellationToken ct)
    {
        var ids = await Database.ReadAsync(async session => await session.QueryToListAsync<long>(Sql.Bounds, ct, ArchiveSql.OwnerOf(owner)), ct);
        return ids.Count == 0 ? null : (ids.Min(), ids.Max());
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(BareJid owner, CancellationToken ct) =>
        await Database.WriteAsync(async session => await session.ExecuteAsync(Sql.Remove, CancellationToken.None, ArchiveSql.OwnerOf(owner)), ct);

    /// <inheritdoc/>
    public ValueTask<int> RemoveBelowAsync(string domain, long belowId, int limit, CancellationToken ct) =>
        Database.WriteAsync(
            async session =>
            {
                var old = await session.QueryToListAsync<ArchiveRow>(Sql.Oldest, CancellationToken.None, new("domain", domain), new("below", belowId), new("limit", limit));

                // They come owner by owner from the lowest id on: each owner's are all that it has up to its last one.
                foreach (var owner in old.GroupBy(row => row.OwnerId))
                {
                    await session.ExecuteAsync(Sql.RemoveUpTo, CancellationToken.None, new("owner_id", owner.Key), new("id", owner.Max(row => row.Id)));
                }

                return old.Count;
            },
            ct);

    private async ValueTask<ArchivePage?> PageAsync(SqlSession session, BareJid owner, ArchiveQuery query, TextFilter? texts, CancellationToken ct)
    {
        if (!query.IsSimple && (await IsUnknownAsync(session, owner, query, query.After, ct) || await IsUnknownAsync(session, owner, query, query.Before, ct)))
        {
            return null;
        }

        var parameters = new List<DataParameter>(ArchiveSql.OwnerOf(owner));
        var rows = await session.QueryToListAsync<ArchiveRow>(Sql.Page(query, texts, parameters), ct, [.. parameters]);
        var isLast = rows.Count <= query.Limit;
        if (!isLast)
        {
            rows.RemoveAt(rows.Count - 1);
        }

        if (query.FromEnd)
        {
            rows.Reverse();
        }

        ArchivedMessage[] messages = [.. rows.Select(row => row.ToMessage())];
        if (query.IsSimple)
        {
            return new ArchivePage(messages, isLast, null, null);
        }

        if (messages.Length == 0)
        {
            return new ArchivePage(messages, isLast, await CountAsync(session, owner, query, texts, null, null, ct), null);
        }

        // What is known already is not counted: nothing lies before the first page, and nothing behind the last.
        var before = query.Index ?? (query is { FromEnd: false, After: null } || (query is { FromEnd: true, After: null } && isLast)
            ? 0 : await CountAsync(session, owner, query, texts, null, messages[0].Id, ct));
        var behind = query is { FromEnd: true, Before: null } || (query is { FromEnd: false, Before: null } && isLast)
            ? 0 : await CountAsync(session, owner, query, texts, messages[^1].Id, null, ct);
        return new ArchivePage(messages, isLast, before + messages.Length + behind, before);
    }

    private async ValueTask<Dictionary<BareJid, long>> InsertAsync(SqlSession session, IReadOnlyList<ArchiveEntry> entries)
    {
        var owners = new Dictionary<BareJid, long>();
        var rows = new List<ArchiveRow>(entries.Count);
        foreach (var entry in entries)
        {
            if (!owners.TryGetValue(entry.Owner, out var owner))
            {
                owners[entry.Owner] = owner = _owners.TryGetValue(entry.Owner, out var known) ? known : await session.EnsureOwnerAsync(entry.Owner, CancellationToken.None);
            }

            rows.Add(ArchiveRow.Of(entry, owner));
        }

        await DropKnownAsync(session, rows);
        await Database.Dialect.AddManyOnceAsync(session, Sql.Table, rows, CancellationToken.None);

        return owners;
    }

    // The same message sent again is one row (MAM-016), whether the first one is in the archive or in this batch.
    private async ValueTask DropKnownAsync(SqlSession session, List<ArchiveRow> rows)
    {
        var hashes = rows.Where(row => row.OriginHash is not null).Select(row => row.OriginHash!.Value).Distinct().ToArray();
        if (hashes.Length == 0)
        {
            return;
        }

        var seen = new HashSet<(long, string, string?)>();
        var parameters = new List<DataParameter>();
        foreach (var known in await session.QueryToListAsync<ArchiveRow>(Sql.KnownOrigins(hashes, parameters), CancellationToken.None, [.. parameters]))
        {
            seen.Add((known.OriginHash!.Value, known.Remote, known.OriginId));
        }

        rows.RemoveAll(row => row.OriginHash is { } hash && !seen.Add((hash, row.Remote, row.OriginId)));
    }

    private void Remember(Dictionary<BareJid, long> owners)
    {
        if (_owners.Count > MaxOwners)
        {
            _owners.Clear();
        }

        foreach (var (owner, id) in owners)
        {
            _owners[owner] = id;
        }
    }

    private bool ForgetOwners(IReadOnlyList<ArchiveEntry> entries)
    {
        var known = false;
        foreach (var entry in entries)
        {
            known |= _owners.TryRemove(entry.Owner, out _);
        }

        return known;
    }

    private async ValueTask<bool> IsUnknownAsync(SqlSession session, BareJid owner, ArchiveQuery query, long? id, CancellationToken ct) =>
        id is { } wanted && (wanted < query.From || wanted > query.To || await CountAsync(session, owner, query with { From = wanted, To = wanted }, null, null, null, ct) == 0);

    private async ValueTask<long> CountAsync(SqlSession session, BareJid owner, ArchiveQuery query, TextFilter? texts, long? above, long? below, CancellationToken ct)
    {
        var parameters = new List<DataParameter>(ArchiveSql.OwnerOf(owner));
        return (await session.QueryToListAsync<long>(Sql.Count(query, texts, above, below, parameters), ct, [.. parameters]))[0];
    }
}
