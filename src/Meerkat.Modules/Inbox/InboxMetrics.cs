using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Modules.Inbox;

internal static class InboxMetrics
{
    private static readonly Counter<long> s_written = ServerMetrics.Meter.CreateCounter<long>("meerkat.inbox.written", "{change}", "Changes of conversations written.");
    private static readonly Counter<long> s_failed = ServerMetrics.Meter.CreateCounter<long>("meerkat.inbox.failed", "{change}", "Changes of conversations that could not be written.");
    private static readonly Counter<long> s_queries = ServerMetrics.Meter.CreateCounter<long>("meerkat.inbox.queries", "{request}", "Inboxes asked for.");
    private static readonly Counter<long> s_cleaned = ServerMetrics.Meter.CreateCounter<long>("meerkat.inbox.cleaned", "{conversation}", "Conversations removed from bins because of their age.");

    public static void Written(int count) => s_written.Add(count);

    public static void Failed(int count) => s_failed.Add(count);

    public static void Queried() => s_queries.Add(1);

    public static void Cleaned(int count) => s_cleaned.Add(count);
}
