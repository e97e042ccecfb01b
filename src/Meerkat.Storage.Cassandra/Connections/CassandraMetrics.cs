using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Meerkat.Storage.Cassandra.Connections;

/// <summary>How the pools do (OPS-126, OPS-128).</summary>
internal static class CassandraMetrics
{
    private static readonly Meter s_meter = new("Meerkat.Storage.Cassandra");
    private static readonly ConcurrentDictionary<CassandraPool, bool> s_pools = new();
    private static readonly Counter<long> s_connections = s_meter.CreateCounter<long>("meerkat.cassandra.connected", "{connection}", "Connections opened to servers.");
    private static readonly Counter<long> s_retries = s_meter.CreateCounter<long>("meerkat.cassandra.retried", "{request}", "Requests asked again: of another server, or after the statement was learnt again.");
    private static readonly Counter<long> s_drops = s_meter.CreateCounter<long>("meerkat.cassandra.dropped", "{request}", "Requests refused because too many waited.");
    private static readonly Histogram<double> s_durations = s_meter.CreateHistogram<double>("meerkat.cassandra.request.duration", "s", "Requests, waiting and further attempts included.");

    static CassandraMetrics()
    {
        s_meter.CreateObservableGauge("meerkat.cassandra.in_flight", () => Measure(pool => pool.InFlight), "{request}", "Requests that servers work on.");
        s_meter.CreateObservableGauge("meerkat.cassandra.waiting", () => Measure(pool => pool.Waiting), "{request}", "Requests that wait for a connection.");
        s_meter.CreateObservableGauge("meerkat.cassandra.connections", () => Measure(pool => pool.Connections), "{connection}", "Connections that are open.");
        s_meter.CreateObservableGauge("meerkat.cassandra.servers", () => Measure(pool => pool.Reachable), "{server}", "Servers that can be reached.");
    }

    /// <summary>A pool that is there: it is counted from 0, so that the first event is a change (OPS-100).</summary>
    public static void Add(CassandraPool pool)
    {
        s_pools[pool] = true;
        s_connections.Add(0, Tag(pool.Name));
        s_drops.Add(0, Tag(pool.Name));
        foreach (var why in new[] { "unprepared", "refused", "lost" })
        {
            s_retries.Add(0, Tag(pool.Name), new("reason", why));
        }
    }

    public static void Remove(CassandraPool pool) => s_pools.TryRemove(pool, out _);

    public static void Connected(string pool) => s_connections.Add(1, Tag(pool));

    public static void Retried(string pool, string why) => s_retries.Add(1, Tag(pool), new("reason", why));

    public static void Dropped(string pool) => s_drops.Add(1, Tag(pool));

    public static void Took(string pool, TimeSpan duration, bool succeeded) => s_durations.Record(duration.TotalSeconds, Tag(pool), new("outcome", succeeded ? "ok" : "failed"));

    private static KeyValuePair<string, object?> Tag(string pool) => new("pool", pool);

    private static IEnumerable<Measurement<int>> Measure(Func<CassandraPool, int> value) => s_pools.Keys.Select(pool => new Measurement<int>(value(pool), Tag(pool.Name)));
}
