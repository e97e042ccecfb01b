using System.Diagnostics.Metrics;

namespace Meerkat.Core.Domains;

/// <summary>What is counted of domains that are added while the server runs.</summary>
internal static class DomainMetrics
{
    private static readonly UpDownCounter<long> s_served = ServerMetrics.Meter.CreateUpDownCounter<long>("meerkat.domains", "{domain}", "Domains of the database that this node serves, by host type.");
    private static readonly Counter<long> s_events = ServerMetrics.Meter.CreateCounter<long>("meerkat.domains.events", "{event}", "Changes of domains that this node has read.");
    private static readonly Counter<long> s_reloads = ServerMetrics.Meter.CreateCounter<long>("meerkat.domains.reloads", "{reload}", "How often all domains were read anew, because events were missed.");
    private static readonly Counter<long> s_failures = ServerMetrics.Meter.CreateCounter<long>("meerkat.domains.failures", "{failure}", "Looks for changes that failed.");
    private static readonly Counter<long> s_removals = ServerMetrics.Meter.CreateCounter<long>("meerkat.domains.removals", "{removal}", "Removals of a domain with its data, by outcome.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        foreach (var counter in new[] { s_events, s_reloads, s_failures })
        {
            counter.Add(0);
        }

        s_removals.Add(0, new KeyValuePair<string, object?>("outcome", "success"));
        s_removals.Add(0, new KeyValuePair<string, object?>("outcome", "failure"));
    }

    public static void Served(string hostType, int change) => s_served.Add(change, new KeyValuePair<string, object?>("host_type", hostType));

    public static void Read(int events) => s_events.Add(events);

    public static void Reloaded() => s_reloads.Add(1);

    public static void Failed() => s_failures.Add(1);

    public static void Removed(bool succeeded) => s_removals.Add(1, new KeyValuePair<string, object?>("outcome", succeeded ? "success" : "failure"));
}
