using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Modules.Offline;

internal static class OfflineMetrics
{
    private static readonly Counter<long> s_stored = ServerMetrics.Meter.CreateCounter<long>("meerkat.offline.stored", "{message}", "Messages put into offline storage.");
    private static readonly Counter<long> s_delivered = ServerMetrics.Meter.CreateCounter<long>("meerkat.offline.delivered", "{message}", "Messages handed out from offline storage.");
    private static readonly Counter<long> s_refused = ServerMetrics.Meter.CreateCounter<long>("meerkat.offline.refused", "{message}", "Messages not stored, by reason: the account's limit, or a failure.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        s_stored.Add(0);
        s_delivered.Add(0);
        s_refused.Add(0, new KeyValuePair<string, object?>("reason", "limit"));
        s_refused.Add(0, new KeyValuePair<string, object?>("reason", "failure"));
    }

    public static void Stored() => s_stored.Add(1);

    public static void Delivered(int count) => s_delivered.Add(count);

    public static void Refused(string reason) => s_refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
