using System.Collections.Concurrent;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Cassandra.Protocol;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Cassandra.Mam;

/// <summary>Message archives in Cassandra (MAM-085). docs/cassandra.md says which tables there are and why.</summary>
/// <remarks>
/// <para>An archive lies in parts of 25 days, each a partition. A page is read from the parts that it touches; a count is one count for each part, side by side.</para>
/// <para>"All or none" holds for each message with everything that leads to it, not for those of one call: batches of many kilobytes are refused by servers. A call that failed may be made again.</para>
/// <para>Whether a message is there already is looked up before it is written. Two that are the same and come at the same moment over two servers of this program may both get in.</para>
/// </remarks>
public abstract class CassandraArchive : IArchiveStore
{
    private const int AtOnce = 16;
    private const int IdsAtOnce = 100;
    private const int RemovedAtOnce = 1000;

    // A server refuses a batch of more than 50 KiB where nobody told it otherwise. A message for which that leaves no room is written behind what leads to it.
    private const int MaxBatch = 40 << 10;
    private const int PerStatement = 64; // names of columns and other things that a server counts too

    private static readonly TimeSpan s_domainsKept = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<(string Domain, int Bucket), long> _domains = new();
    private readonly TimeProvider _time;
    private readonly bool _hasSenders;

    private protected CassandraArchive(ICqlSession session, TimeProvider time, string prefix, bool hasSenders)
    {
        Session = session;
        _time = time;
        _hasSenders = hasSenders;
        Cql = new ArchiveCql(session.Keyspace, prefix);
    }

    /// <inheritdoc/>
    public ArchiveAbilities Abilities => ArchiveAbilities.Retraction;

    private protected ICqlSession Session { get; }

    private protected ArchiveCql Cql { get; }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(IReadOnlyList<ArchiveEntry> entries, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var known = await KnownAsync(entries);
        var origins = new ConcurrentDictionary<int, bool>();
        await EachAsync(Enumerable.Range(0, entries.Count).Where(i => entries[i].Message.OriginId is not null), async i => origins[i] = await SentBeforeAsync(entries[i]) is not null);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var fresh = new List<ArchiveEntry>();
        for (var i = 0; i < entries.Count; i++)
        {
            var (owner, message) = entries[i];
            if (known.Add((owner, message.Id)) && !origins.GetValueOrDefault(i)
                && (message.OriginId is null || seen.Add(Convert.ToHexString(Buckets.Origin(owner, $"{message.Remote}", message.IsOutgoing, message.OriginId)))))
            {
                fresh.Add(entries[i]);
            }
        }

        await EachAsync(fresh, AddAsync);
    }

    /// <inheritdoc/>
    public async ValueTask<ArchivePage?> QueryAsync(BareJid owner, ArchiveQuery query, CancellationToken ct)
    {
        if (query.WithoutGroupchat || query.Words.Count > 0)
        {
            throw new NotSupportedException("Cassandra neither searches texts nor leaves out groupchat."); // MAM-085; asked first by Abilities
        }

        if (!query.IsSimple && (await IsUnknownAsync(owner, query, query.After, ct) || await IsUnknownAsync(owner, query, query.Before, ct)))
        {
            return null;
        }

        var low = query.After is { } after ? Math.Max(query.From, Above(after)) : query.From;
        var high = query.Before is { } before ? Math.Min(query.To, before - 1) : query.To;
        if (query.Index is > 0 and var index)
        {
            low = await SkipAsync(owner, query, index, ct);
        }

        var (messages, isLast) = await PageAsync(owner, query, low, high, ct);
        if (query.IsSimple)
        {
            return new ArchivePage(messages, isLast, null, null);
        }

        // What is known already is not counted: nothing lies before the first page, and nothing behind the last (MAM-086).
        if (messages.Count == 0)
        {
            return new ArchivePage(messages, isLast, await CountAsync(owner, query, query.From, query.To, ct), null);
        }

        var ahead = query.Index ?? (query is { FromEnd: false, After: null } || (query is { FromEnd: true, After: null } && isLast)
            ? 0 : await CountAsync(owner, query, query.From, messages[0].Id - 1, ct));
        var behind = query is { FromEnd: true, Before: null } || (query is { FromEnd: false, Before: null } && isLast)
            ? 0 : await CountAsync(owner, query, Above(messages[^1].Id), query.To, ct);
        return new ArchivePage(messages, isLast, ahead + messages.Count + behind, ahead);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ArchivedMessage>> GetAsync(BareJid owner, IReadOnlyList<long> ids, CancellationToken ct)
    {
        var found = new ConcurrentDictionary<long, ArchivedMessage>();
        await EachAsync(
            ids.Distinct().GroupBy(Buckets.Of).SelectMany(part => part.Chunk(IdsAtOnce)),
            async part =>
            {
                foreach (var row in await Session.ReadAllAsync(Cql.ById($"{owner}", Buckets.Of(part[0]), part), ct))
                {
                    if (ArchiveCql.Read(row) is { } message)
                    {
                        found[message.Id] = message;
                    }
                }
            });
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    /// <inheritdoc/>
    public async ValueTask<ArchivedMessage?> FindAsync(BareJid owner, BareJid remote, bool isOutgoing, string originId, CancellationToken ct) =>
        await IdOfAsync(Buckets.Origin(owner, $"{remote}", isOutgoing, originId), ct) is { } id && await GetAsync(owner, [id], ct) is [var message] ? message : null;

    /// <inheritdoc/>
    public async ValueTask<bool> ReplaceAsync(BareJid owner, long id, ReadOnlyMemory<byte> xml, CancellationToken ct)
    {
        if (await GetAsync(owner, [id], ct) is [])
        {
            return false;
        }

        await Session.ExecuteAsync(Cql.Replace($"{owner}", id, xml), CancellationToken.None);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask<(long First, long Last)?> BoundsAsync(BareJid owner, CancellationToken ct)
    {
        var (first, _) = await PageAsync(owner, new() { Limit = 1 }, 0, long.MaxValue, ct);
        var (last, _) = await PageAsync(owner, new() { Limit = 1, FromEnd = true }, 0, long.MaxValue, ct);
        return first is [var oldest] && last is [var newest] ? (oldest.Id, newest.Id) : null;
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(BareJid owner, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        foreach (var bucket in await BucketsAsync($"{owner}", "", 0, int.MaxValue, fromEnd: false, CancellationToken.None))
        {
            await RemoveAsync(owner, bucket, long.MaxValue, int.MaxValue);
            await Session.ExecuteAsync(Cql.RemoveOwner(owner.Domain, bucket, $"{owner}"), CancellationToken.None);
        }

        await Session.ExecuteAsync(Cql.RemoveBuckets($"{owner}"), CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask<int> RemoveBelowAsync(string domain, long belowId, int limit, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var high = belowId == long.MaxValue ? long.MaxValue : belowId - 1;
        if (high < 0)
        {
            return 0;
        }

        var removed = 0;
        foreach (var row in await Session.ReadAllAsync(Cql.DomainBuckets(domain, Buckets.Of(high)), CancellationToken.None))
        {
            var bucket = row.Get<int>("bucket");
            var isWhole = high >= Buckets.LastId(bucket);
            for (var shard = 0; shard < Buckets.Shards; shard++)
            {
                foreach (var owner in await Session.ReadAllAsync(Cql.Owners(domain, bucket, shard), CancellationToken.None))
                {
                    if (removed == limit)
                    {
                        return removed;
                    }

                    var left = limit - removed;
                    var name = BareJid.Parse(owner.Text("owner")!);
                    var now = await RemoveAsync(name, bucket, high, left);
                    removed += now;
                    if (isWhole && now < left)
                    {
                        await Session.ExecuteAsync(Cql.RemoveOwner(domain, bucket, $"{name}"), CancellationToken.None);
                    }
                }
            }

            if (removed == limit)
            {
                return removed;
            }

            if (isWhole)
            {
                _domains.TryRemove((domain, bucket), out _);
                await Session.ExecuteAsync(Cql.RemoveDomain(domain, bucket), CancellationToken.None);
            }
        }

        return removed;
    }

    private protected static async Task EachAsync<T>(IEnumerable<T> items, Func<T, ValueTask> act) =>
        await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, (item, _) => act(item));

    private static int SizeOf(CqlStatement statement) => PerStatement + statement.Values.Sum(CqlValue.SizeOf);

    private static long Above(long id) => id == long.MaxValue ? id : id + 1;

    private async ValueTask<HashSet<(BareJid, long)>> KnownAsync(IReadOnlyList<ArchiveEntry> entries)
    {
        var known = new ConcurrentBag<(BareJid, long)>();
        await EachAsync(
            entries.GroupBy(entry => (entry.Owner, Bucket: Buckets.Of(entry.Message.Id))).SelectMany(part => part.Select(entry => entry.Message.Id).Distinct().Chunk(IdsAtOnce).Select(ids => (part.Key, ids))),
            async part =>
            {
                foreach (var row in await Session.ReadAllAsync(Cql.Known($"{part.Key.Owner}", part.Key.Bucket, part.ids), CancellationToken.None))
                {
                    known.Add((part.Key.Owner, row.Get<long>("id")));
                }
            });
        return [.. known];
    }

    // The message may be gone, though what leads to it is not yet: then it was not sent before.
    private async ValueTask<long?> SentBeforeAsync(ArchiveEntry entry)
    {
        var message = entry.Message;
        return await IdOfAsync(Buckets.Origin(entry.Owner, $"{message.Remote}", message.IsOutgoing, message.OriginId!), CancellationToken.None) is { } id
            && await Session.ReadAllAsync(Cql.Known($"{entry.Owner}", Buckets.Of(id), [id]), CancellationToken.None) is [_] ? id : null;
    }

    private async ValueTask<long?> IdOfAsync(byte[] origin, CancellationToken ct) => await Session.ReadAllAsync(Cql.Origin(origin), ct) is [var row] ? row.Get<long>("id") : null;

    private async ValueTask AddAsync(ArchiveEntry entry)
    {
        var (owner, message) = entry;
        var bucket = Buckets.Of(message.Id);
        await AddDomainAsync(owner.Domain, bucket);
        List<CqlStatement> batch =
        [
            Cql.AddOwner(owner.Domain, bucket, $"{owner}"),
            Cql.AddBucket($"{owner}", "", bucket),
            Cql.AddBucket($"{owner}", $"{message.Remote}", bucket),
            Cql.AddContact(entry),
        ];
        if (message.OriginId is { } origin)
        {
            batch.Add(Cql.AddOrigin(Buckets.Origin(owner, $"{message.Remote}", message.IsOutgoing, origin), message.Id));
        }

        if (_hasSenders)
        {
            batch.Add(Cql.AddSender(entry));
        }

        // Addresses count: long ones are in every statement.
        var row = Cql.AddMessage(entry);
        if (batch.Append(row).Sum(SizeOf) <= MaxBatch)
        {
            batch.Add(row);
            await Session.BatchAsync(batch, CancellationToken.None);
        }
        else
        {
            await Session.BatchAsync(batch, CancellationToken.None);
            await Session.ExecuteAsync(row, CancellationToken.None);
        }
    }

    // A row for each domain and part, which every message would write again.
    private async ValueTask AddDomainAsync(string domain, int bucket)
    {
        if (_domains.TryGetValue((domain, bucket), out var written) && _time.GetElapsedTime(written) < s_domainsKept)
        {
            return;
        }

        var now = _time.GetTimestamp();
        await Session.ExecuteAsync(Cql.AddDomain(domain, bucket), CancellationToken.None);
        _domains[(domain, bucket)] = now;
    }

    private async ValueTask<bool> IsUnknownAsync(BareJid owner, ArchiveQuery query, long? id, CancellationToken ct) =>
        id is { } wanted && !(wanted >= query.From && wanted <= query.To && await GetAsync(owner, [wanted], ct) is [var message]
            && (query.With is null || message.Remote.Equals(query.With)) && (query.Resource is null || message.Resource == query.Resource));

    private async ValueTask<IReadOnlyList<int>> BucketsAsync(string owner, string contact, int first, int last, bool fromEnd, CancellationToken ct) =>
        (await Session.ReadAllAsync(Cql.BucketsOf(owner, contact, first, last, fromEnd), ct)).ConvertAll(row => row.Get<int>("bucket"));

    private ValueTask<IReadOnlyList<int>> BucketsAsync(BareJid owner, ArchiveQuery query, long low, long high, CancellationToken ct) =>
        low > high ? new([]) : BucketsAsync($"{owner}", query.With?.ToString() ?? "", Buckets.Of(Math.Max(0, low)), Buckets.Of(high), query.FromEnd, ct);

    private async ValueTask<(IReadOnlyList<ArchivedMessage> Messages, bool IsLast)> PageAsync(BareJid owner, ArchiveQuery query, long low, long high, CancellationToken ct)
    {
        var wanted = query.Limit + 1; // one more tells whether there is more
        var rows = new List<CqlRow>();
        foreach (var bucket in await BucketsAsync(owner, query, low, high, ct))
        {
            var statement = query.With is null
                ? Cql.Messages($"{owner}", query, bucket, low, high, wanted - rows.Count)
                : Cql.Ids($"{owner}", query, bucket, low, high, wanted - rows.Count);
            rows.AddRange(await Session.ReadAllAsync(statement, ct));
            if (rows.Count >= wanted)
            {
                break;
            }
        }

        var isLast = rows.Count < wanted;
        if (!isLast)
        {
            rows.RemoveAt(rows.Count - 1);
        }

        if (query.FromEnd)
        {
            rows.Reverse();
        }

        return (query.With is null
            ? [.. rows.Select(ArchiveCql.Read).OfType<ArchivedMessage>()]
            : await GetAsync(owner, rows.ConvertAll(row => row.Get<long>("id")), ct), isLast);
    }

    private async ValueTask<long> CountAsync(BareJid owner, ArchiveQuery query, long low, long high, CancellationToken ct)
    {
        var count = 0L;
        await EachAsync(
            await BucketsAsync(owner, query, low, high, ct),
            async bucket => Interlocked.Add(ref count, await Session.CountAsync(Cql.Count($"{owner}", query, bucket, low, high), ct)));
        return count;
    }

    // The id of the match of a number; what lies behind all where there are fewer.
    private async ValueTask<long> SkipAsync(BareJid owner, ArchiveQuery query, int index, CancellationToken ct)
    {
        long left = index;
        foreach (var bucket in await BucketsAsync(owner, query, query.From, query.To, ct))
        {
            var here = await Session.CountAsync(Cql.Count($"{owner}", query, bucket, query.From, query.To), ct);
            if (left < here)
            {
                var ids = await Session.ReadAllAsync(Cql.Ids($"{owner}", query, bucket, query.From, query.To, (int)left + 1) with { PageSize = 5000 }, ct);
                return ids.Count > left ? ids[(int)left].Get<long>("id") : long.MaxValue;
            }

            left -= here;
        }

        return long.MaxValue;
    }

    // The oldest messages of a part, with everything that leads to them; those last, so that a removal that was cut off finds them again.
    private async ValueTask<int> RemoveAsync(BareJid owner, int bucket, long high, int limit)
    {
        var name = $"{owner}";
        var isWhole = high >= Buckets.LastId(bucket);
        var removed = 0;
        while (removed < limit)
        {
            var asked = Math.Min(RemovedAtOnce, limit - removed);
            var rows = await Session.ReadAllAsync(Cql.Oldest(name, bucket, high, asked), CancellationToken.None);
            if (rows.Count > 0)
            {
                var (first, last) = (rows[0].Get<long>("id"), rows[^1].Get<long>("id"));
                await EachAsync(Leading(owner, bucket, isWhole, rows, first, last), async statement => await Session.ExecuteAsync(statement, CancellationToken.None));
                await Session.ExecuteAsync(Cql.RemoveMessages(name, bucket, first, last), CancellationToken.None);
                removed += rows.Count;
            }

            if (rows.Count < asked)
            {
                if (isWhole)
                {
                    await Session.ExecuteAsync(Cql.RemoveBucket(name, "", bucket), CancellationToken.None);
                }

                break;
            }
        }

        return removed;
    }

    private IEnumerable<CqlStatement> Leading(BareJid owner, int bucket, bool isWhole, List<CqlRow> rows, long first, long last)
    {
        var name = $"{owner}";
        foreach (var contact in rows.Select(row => row.Text("remote")).OfType<string>().Distinct())
        {
            yield return Cql.RemoveContact(name, contact, bucket, first, last);
            if (_hasSenders)
            {
                yield return Cql.RemoveSender(contact, name, first, last);
            }

            if (isWhole)
            {
                yield return Cql.RemoveBucket(name, contact, bucket);
            }
        }

        foreach (var row in rows)
        {
            if (row.Text("origin_id") is { } origin && row.Text("remote") is { } remote)
            {
                yield return Cql.RemoveOrigin(Buckets.Origin(owner, remote, row["is_outgoing"] is true, origin));
            }
        }
    }
}
