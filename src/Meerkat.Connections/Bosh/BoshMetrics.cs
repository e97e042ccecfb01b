using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Connections.Bosh;

/// <summary>What BOSH does (OPS-116).</summary>
internal static class BoshMetrics
{
    private static readonly Counter<long> s_received = ServerMetrics.Meter.CreateCounter<long>("bosh_data_received", "By", "Bytes of BOSH requests, with the element around them.");
    private static readonly Counter<long> s_sent = ServerMetrics.Meter.CreateCounter<long>("bosh_data_sent", "By", "Bytes of BOSH answers, with the element around them, sent again ones too.");
    private static readonly Counter<long> s_repeats = ServerMetrics.Meter.CreateCounter<long>("meerkat.bosh.repeats", "{request}", "Requests that came again, and were answered from memory.");
    private static readonly Counter<long> s_ended = ServerMetrics.Meter.CreateCounter<long>("meerkat.bosh.terminations", "{session}", "BOSH sessions that the server ended, by condition.");
    private static readonly UpDownCounter<long> s_sessions = ServerMetrics.Meter.CreateUpDownCounter<long>("meerkat.bosh.sessions", "{session}", "BOSH sessions.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        foreach (var counter in new[] { s_received, s_sent, s_repeats })
        {
            counter.Add(0);
        }

        s_sessions.Add(0);
        foreach (var condition in BoshCondition.All.Append("inactivity"))
        {
            s_ended.Add(0, new KeyValuePair<string, object?>("condition", condition));
        }
    }

    public static void Received(long bytes) => s_received.Add(bytes);

    public static void Sent(long bytes) => s_sent.Add(bytes);

    public static void Repeated() => s_repeats.Add(1);

    public static void Ended(string condition) => s_ended.Add(1, new KeyValuePair<string, object?>("condition", condition));

    public static void Opened(int by) => s_sessions.Add(by);
}
