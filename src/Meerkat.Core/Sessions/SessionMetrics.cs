using System.Diagnostics.Metrics;

namespace Meerkat.Core.Sessions;

/// <summary>What is counted of sessions and of stream management (XEP-0198).</summary>
internal static class SessionMetrics
{
    private static readonly UpDownCounter<long> s_bound = ServerMetrics.Meter.CreateUpDownCounter<long>("meerkat.sessions", "{session}", "Sessions on this node, those that wait for resumption included, by host type (CORE-127).");
    private static readonly Counter<long> s_opened = ServerMetrics.Meter.CreateCounter<long>("meerkat.sessions.opened", "{session}", "Sessions bound, by host type; one that takes the address of another is not another one (OPS-105).");
    private static readonly Counter<long> s_closed = ServerMetrics.Meter.CreateCounter<long>("meerkat.sessions.closed", "{session}", "Sessions that ended, by host type (OPS-105).");
    private static readonly UpDownCounter<long> s_online = ServerMetrics.Meter.CreateUpDownCounter<long>("meerkat.accounts.online", "{account}", "Accounts with a session on this node, by host type (OPS-106).");
    private static readonly Counter<long> s_resumptions = ServerMetrics.Meter.CreateCounter<long>("meerkat.sm.resumptions", "{session}", "Sessions resumed on another connection.");
    private static readonly UpDownCounter<long> s_detached = ServerMetrics.Meter.CreateUpDownCounter<long>("meerkat.sm.detached", "{session}", "Sessions without a connection that wait for resumption.");
    private static readonly Counter<long> s_overflows = ServerMetrics.Meter.CreateCounter<long>("meerkat.sm.overflows", "{session}", "Sessions ended because too many stanzas waited for acknowledgement (CORE-213).");

    /// <summary>Begins to count for a host type: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin(string hostType)
    {
        var tag = new KeyValuePair<string, object?>("host_type", hostType);
        s_bound.Add(0, tag);
        s_opened.Add(0, tag);
        s_closed.Add(0, tag);
        s_online.Add(0, tag);
        s_resumptions.Add(0);
        s_detached.Add(0);
        s_overflows.Add(0);
    }

    public static void Bound(string hostType, int change)
    {
        var tag = new KeyValuePair<string, object?>("host_type", hostType);
        s_bound.Add(change, tag);
        (change > 0 ? s_opened : s_closed).Add(1, tag);
    }

    public static void Online(string hostType, int change) => s_online.Add(change, new KeyValuePair<string, object?>("host_type", hostType));

    public static void Resumed() => s_resumptions.Add(1);

    public static void Detached(int change) => s_detached.Add(change);

    public static void Overflowed() => s_overflows.Add(1);
}
