using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Modules.Inbox;

internal static class InboxMetrics
{
    private static readonly Counter<long> s_written = ServerMetrics.Meter.CreateCounter<long>("meerkat.inbox.written", "{change}", "Changes of conversations written.");
    private static readonly Counter<long> s_failed = ServerMetrics.Meter.CreateCounter<long>("meerkat.inbox.failed", "{change}", "Changes of conversations that could not be written.");
    private static readonly Counter<long> s_queries = ServerMetrics.Meter.CreateCounter<long>("meerkat.inbox.queries", "{request}", "Inboxes asked for.");
    private static readonly Counter<long> s_cleaned = ServerMetrics.Meter.CreateCounter<long>("meerkat.inbox.cleaned", "{conversation}", "Conversations removed from bins because of their age.");

    private static readonly GaugeSources<InboxWriter> s_writers = new();

    static InboxMetrics() => ServerMetrics.Meter.CreateObservableGauge("meerkat.inbox.waiting", () => s_writers.Sum(null, _ => "", writer => writer.Count), "{change}", "Changes of conversations that wait to be written (OPS-125).");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        foreach (var counter in new[] { s_written, s_failed, s_queries, s_cleaned })
        {
            counter.Add(0);
        }
    }

    public static void Add(InboxWriter writer) => s_writers.Add(writer);

    public static void Written(int count) => s_written.Add(count);

    public static void Failed(int count) => s_failed.Add(count);

    public static void Queried() => s_queries.Add(1);

    public static void Cleaned(int count) => s_cleaned.Add(count);
}
