using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Modules.Ping;

/// <summary>Counters of the server's own pings (PNG-004).</summary>
internal static class PingMetrics
{
    private static readonly Histogram<double> s_answers = ServerMetrics.Meter.CreateHistogram<double>("meerkat.ping.response_time", "s", "How long clients take to answer the server's pings; its count is the number of answers.");
    private static readonly Counter<long> s_timeouts = ServerMetrics.Meter.CreateCounter<long>("meerkat.ping.timeouts", "{ping}", "Pings that a client did not answer, or answered with an error.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        s_timeouts.Add(0);
    }

    public static void Answered(TimeSpan after) => s_answers.Record(after.TotalSeconds);

    public static void TimedOut() => s_timeouts.Add(1);
}
