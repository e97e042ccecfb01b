using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Modules.ClientState;

/// <summary>Counters of <c>mod_csi</c> (OPS-120).</summary>
internal static class ClientStateMetrics
{
    private static readonly Counter<long> s_changes = ServerMetrics.Meter.CreateCounter<long>("meerkat.csi.changes", "{change}", "Clients that said that somebody looks at them, or nobody, by state: active, inactive.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        s_changes.Add(0, new KeyValuePair<string, object?>("state", "active"));
        s_changes.Add(0, new KeyValuePair<string, object?>("state", "inactive"));
    }

    public static void Said(string state) => s_changes.Add(1, new KeyValuePair<string, object?>("state", state));
}
