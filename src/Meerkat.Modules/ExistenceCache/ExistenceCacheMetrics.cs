using System.Diagnostics.Metrics;

namespace Meerkat.Modules.ExistenceCache;

/// <summary>How well the cache serves a host type (OPS-123).</summary>
internal sealed class ExistenceCacheMetrics
{
    private static readonly Meter Meter = new("Meerkat.ExistenceCache");
    private static readonly UpDownCounter<long> Hits = Meter.CreateUpDownCounter<long>("user_cache_lookup_hits", "{lookup}", "Accounts that were known to exist.");
    private static readonly UpDownCounter<long> Misses = Meter.CreateUpDownCounter<long>("user_cache_lookup_misses", "{lookup}", "Accounts that the store was asked about.");
    private static readonly Histogram<double> Latency = Meter.CreateHistogram<double>("user_cache_lookup_latency", "us", "Look-ups in the cache.");

    private readonly KeyValuePair<string, object?> _host;
    private readonly KeyValuePair<string, object?> _cache = new("cache_name", "mod_cache_users");

    /// <summary>Begins to count for a host type: at 0, so that the first event is a change (OPS-100).</summary>
    public ExistenceCacheMetrics(string hostType)
    {
        _host = new("host_type", hostType);
        Hits.Add(0, _host, _cache);
        Misses.Add(0, _host, _cache);
    }

    public void LookedUp(bool found, TimeSpan took)
    {
        (found ? Hits : Misses).Add(1, _host, _cache);
        Latency.Record(took.TotalMicroseconds, _host, _cache);
    }
}
