using System.Diagnostics.Metrics;

namespace Meerkat.Core.Cluster;

/// <summary>What is counted between nodes.</summary>
internal static class ClusterMetrics
{
    private static readonly Counter<long> s_batches = ServerMetrics.Meter.CreateCounter<long>("meerkat.cluster.batches", "{batch}", "Batches that other nodes have taken.");
    private static readonly Counter<long> s_bytes = ServerMetrics.Meter.CreateCounter<long>("meerkat.cluster.sent", "By", "Bytes that other nodes have taken.");
    private static readonly Counter<long> s_refused = ServerMetrics.Meter.CreateCounter<long>("meerkat.cluster.refused", "{item}", "Stanzas and commands that were not taken: too much waited for their node, or it had left.");
    private static readonly Counter<long> s_returned = ServerMetrics.Meter.CreateCounter<long>("meerkat.cluster.returned", "{stanza}", "Stanzas whose session on another node had ended: they went elsewhere.");
    private static readonly Counter<long> s_asked = ServerMetrics.Meter.CreateCounter<long>("meerkat.cluster.registry.calls", "{call}", "Calls of the authority for accounts' sessions, by kind.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        foreach (var counter in new[] { s_batches, s_bytes, s_refused, s_returned })
        {
            counter.Add(0);
        }

        foreach (var kind in new[] { "bind", "update", "unbind", "find" })
        {
            s_asked.Add(0, new KeyValuePair<string, object?>("kind", kind));
        }
    }

    public static void Sent(int bytes)
    {
        s_batches.Add(1);
        s_bytes.Add(bytes);
    }

    public static void Refused() => s_refused.Add(1);

    public static void Returned() => s_returned.Add(1);

    public static void Asked(string kind) => s_asked.Add(1, new KeyValuePair<string, object?>("kind", kind));
}
