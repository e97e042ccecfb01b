using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Meerkat.Storage.Redis;

/// <summary>How the pools do.</summary>
internal static class RedisMetrics
{
    private static readonly ConcurrentDictionary<RedisPool, bool> Pools = new();
    private static readonly Meter Meter = new("Meerkat.Storage.Redis");
    private static readonly Counter<long> Drops = Meter.CreateCounter<long>("meerkat.redis.dropped", "{request}", "Requests refused because too many waited.");

    static RedisMetrics()
    {
        Meter.CreateObservableGauge("meerkat.redis.up", () => Measure(pool => pool.IsReachable ? 1 : 0), null, "1 while Redis can be reached.");
        Meter.CreateObservableGauge("meerkat.redis.waiting", () => Measure(pool => pool.InFlight), "{request}", "Requests that wait for an answer.");
    }

    /// <summary>A pool that is there: it is counted from 0, so that the first event is a change (OPS-100).</summary>
    public static void Add(RedisPool pool)
    {
        Pools[pool] = true;
        Drops.Add(0, Tag(pool.Name));
    }

    public static void Remove(RedisPool pool) => Pools.TryRemove(pool, out _);

    public static void Dropped(string pool) => Drops.Add(1, Tag(pool));

    private static KeyValuePair<string, object?> Tag(string pool) => new("pool", pool);

    private static IEnumerable<Measurement<int>> Measure(Func<RedisPool, int> value) => Pools.Keys.Select(pool => new Measurement<int>(value(pool), Tag(pool.Name)));
}
