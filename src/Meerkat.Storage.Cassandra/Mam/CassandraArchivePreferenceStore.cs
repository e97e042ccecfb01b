using Meerkat.Modules.Mam;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Cassandra.Mam;

/// <summary>What owners want archived, in Cassandra: a row for each who has said so.</summary>
/// <param name="session">The cluster.</param>
public sealed class CassandraArchivePreferenceStore(ICqlSession session) : IRoomArchivePreferenceStore
{
    private readonly string _table = $"{session.Keyspace}.archive_preference";

    /// <inheritdoc/>
    public async ValueTask<ArchivePreferences?> GetAsync(BareJid owner, CancellationToken ct) =>
        await session.ReadAllAsync(new($"SELECT behaviour, always, never FROM {_table} WHERE domain = ? AND shard = ? AND owner = ?", owner.Domain, Buckets.ShardOf($"{owner}"), $"{owner}"), ct) is [var row]
            ? new ArchivePreferences((ArchiveDefault)row.Get<int>("behaviour"), Jids(row["always"]), Jids(row["never"]))
            : null;

    /// <inheritdoc/>
    public async ValueTask SetAsync(BareJid owner, ArchivePreferences preferences, CancellationToken ct) =>
        await session.ExecuteAsync(
            new(
                $"INSERT INTO {_table} (domain, shard, owner, behaviour, always, never) VALUES (?, ?, ?, ?, ?, ?)",
                owner.Domain, Buckets.ShardOf($"{owner}"), $"{owner}", (int)preferences.Default, Texts(preferences.Always), Texts(preferences.Never)),
            ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(BareJid owner, CancellationToken ct) =>
        await session.ExecuteAsync(new($"DELETE FROM {_table} WHERE domain = ? AND shard = ? AND owner = ?", owner.Domain, Buckets.ShardOf($"{owner}"), $"{owner}"), ct);

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        for (var shard = 0; shard < Buckets.Shards; shard++)
        {
            await session.ExecuteAsync(new($"DELETE FROM {_table} WHERE domain = ? AND shard = ?", domain, shard), ct);
        }
    }

    private static string[] Texts(IReadOnlyList<Jid> jids) => [.. jids.Select(jid => jid.ToString())];

    private static Jid[] Jids(object? texts) => texts is IReadOnlyList<string> list ? [.. list.Select(Jid.Parse)] : [];
}
