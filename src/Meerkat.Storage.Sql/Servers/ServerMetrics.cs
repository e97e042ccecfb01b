using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Meerkat.Storage.Sql.Servers;

/// <summary>How the pools do (OPS-126, OPS-128).</summary>
internal static class ServerMetrics
{
    private static readonly ConcurrentDictionary<ServerDatabase, bool> Pools = new();
    private static readonly Counter<long> Connections = StorageMetrics.Meter.CreateCounter<long>("meerkat.storage.pool.connected", "{connection}", "Connections opened to a database.");
    private static readonly Counter<long> Retries = StorageMetrics.Meter.CreateCounter<long>("meerkat.storage.pool.retried", "{operation}", "Operations run again: others were in the way, or the connection was lost.");
    private static readonly Counter<long> Drops = StorageMetrics.Meter.CreateCounter<long>("meerkat.storage.pool.dropped", "{operation}", "Operations refused because too many waited.");

    static ServerMetrics()
    {
        StorageMetrics.Meter.CreateObservableGauge("meerkat.storage.pool.busy", () => Measure(pool => pool.Busy), "{connection}", "Connections at work.");
        StorageMetrics.Meter.CreateObservableGauge("meerkat.storage.pool.idle", () => Measure(pool => pool.Idle), "{connection}", "Connections that wait for work.");
        StorageMetrics.Meter.CreateObservableGauge("meerkat.storage.pool.waiting", () => Measure(pool => pool.Waiting), "{operation}", "Operations that wait for a connection.");
        StorageMetrics.Meter.CreateObservableGauge("meerkat.storage.pool.up", () => Measure(pool => pool.IsReachable ? 1 : 0), null, "1 while the database can be reached.");
    }

    /// <summary>A pool that is there: it is counted from 0, so that the first event is a change (OPS-100).</summary>
    public static void Add(ServerDatabase pool)
    {
        Pools[pool] = true;
        Connections.Add(0, Tag(pool.Name));
        Drops.Add(0, Tag(pool.Name));
        Retries.Add(0, Tag(pool.Name), new("reason", "conflict"));
        Retries.Add(0, Tag(pool.Name), new("reason", "lost"));
    }

    public static void Remove(ServerDatabase pool) => Pools.TryRemove(pool, out _);

    public static void Connected(string pool) => Connections.Add(1, Tag(pool));

    public static void Retried(string pool, string why) => Retries.Add(1, Tag(pool), new("reason", why));

    public static void Dropped(string pool) => Drops.Add(1, Tag(pool));

    private static KeyValuePair<string, object?> Tag(string pool) => new("pool", pool);

    private static IEnumerable<Measurement<int>> Measure(Func<ServerDatabase, int> value) => Pools.Keys.Select(pool => new Measurement<int>(value(pool), Tag(pool.Name)));
}
