using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Meerkat.Core;

namespace Meerkat.Modules.Mam;

/// <summary>What archives count (MAM-090).</summary>
internal static class MamMetrics
{
    private static readonly Counter<long> s_archived = ServerMetrics.Meter.CreateCounter<long>("meerkat.mam.archived", "{message}", "Messages written into archives, by kind.");
    private static readonly ConditionalWeakTable<ArchiveWriter, string> s_writers = [];
    private static readonly Counter<long> s_dropped = ServerMetrics.Meter.CreateCounter<long>("meerkat.mam.dropped", "{message}", "Messages that could not be archived, by kind and reason: the queue was full, or the store failed.");
    private static readonly Counter<long> s_resent = ServerMetrics.Meter.CreateCounter<long>("meerkat.mam.resent", "{message}", "Messages that a client sent again and that were in the archive already, by kind.");
    private static readonly Histogram<double> s_flush = ServerMetrics.Meter.CreateHistogram<double>("meerkat.mam.flush.duration", "s", "Time that a batch took to write, by kind.");
    private static readonly Histogram<int> s_batch = ServerMetrics.Meter.CreateHistogram<int>("meerkat.mam.flush.size", "{message}", "Messages in a batch, by kind.");
    private static readonly Histogram<double> s_lookup = ServerMetrics.Meter.CreateHistogram<double>("meerkat.mam.lookup.duration", "s", "Time that a page took to find, by kind and form: simple or counted.");
    private static readonly Histogram<int> s_page = ServerMetrics.Meter.CreateHistogram<int>("meerkat.mam.lookup.size", "{message}", "Messages on a page, by kind and form.");
    private static readonly Counter<long> s_preferences = ServerMetrics.Meter.CreateCounter<long>("meerkat.mam.preferences", "{request}", "Preferences read and set, by kind and operation.");
    private static readonly Counter<long> s_refused = ServerMetrics.Meter.CreateCounter<long>("meerkat.mam.refused", "{request}", "Requests to archives that were not allowed, by kind.");
    private static readonly Counter<long> s_flooded = ServerMetrics.Meter.CreateCounter<long>("meerkat.mam.flooded", "{request}", "Requests to archives that were refused because they came faster than a shaper allows, by kind.");
    private static readonly Counter<long> s_removed = ServerMetrics.Meter.CreateCounter<long>("meerkat.mam.removed", "{message}", "Messages removed because of their age, by kind.");
    private static readonly Counter<long> s_archives = ServerMetrics.Meter.CreateCounter<long>("meerkat.mam.archives_removed", "{archive}", "Archives removed with their owners, by kind.");

    // Writers live as long as the server; those of a test's server are not held.
    static MamMetrics() => ServerMetrics.Meter.CreateObservableGauge("meerkat.mam.waiting", Waiting, "{message}", "Messages that wait to be written into archives, or are being written, by kind.");

    /// <summary>A writer that is there as long as the server: its kind is counted, from 0, so that the first event is a change (OPS-100).</summary>
    public static void Add(ArchiveWriter writer, string kind)
    {
        s_writers.Add(writer, kind);
        var tag = new KeyValuePair<string, object?>("kind", kind);
        s_dropped.Add(0, tag, new("reason", "full"));
        s_dropped.Add(0, tag, new("reason", "failure"));
        s_preferences.Add(0, tag, new("operation", "get"));
        s_preferences.Add(0, tag, new("operation", "set"));
        foreach (var counter in new[] { s_archived, s_resent, s_refused, s_flooded, s_removed, s_archives })
        {
            counter.Add(0, tag);
        }
    }

    public static void Archived(string kind, int count) => s_archived.Add(count, new KeyValuePair<string, object?>("kind", kind));

    public static void Dropped(string kind, string reason, int count) => s_dropped.Add(count, new("kind", kind), new("reason", reason));

    public static void Resent(string kind) => s_resent.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public static void Flushed(string kind, int count, TimeSpan time)
    {
        s_flush.Record(time.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
        s_batch.Record(count, new KeyValuePair<string, object?>("kind", kind));
    }

    public static void LookedUp(string kind, bool isSimple, int count, TimeSpan time)
    {
        var form = isSimple ? "simple" : "counted";
        s_lookup.Record(time.TotalSeconds, new("kind", kind), new("form", form));
        s_page.Record(count, new("kind", kind), new("form", form));
    }

    public static void Preferences(string kind, string operation) => s_preferences.Add(1, new("kind", kind), new("operation", operation));

    public static void Refused(string kind) => s_refused.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public static void Flooded(string kind) => s_flooded.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public static void Expired(string kind, int count) => s_removed.Add(count, new KeyValuePair<string, object?>("kind", kind));

    public static void ArchiveRemoved(string kind) => s_archives.Add(1, new KeyValuePair<string, object?>("kind", kind));

    private static IEnumerable<Measurement<int>> Waiting() =>
        s_writers.GroupBy(writer => writer.Value).Select(kind => new Measurement<int>(kind.Sum(writer => writer.Key.Count), new KeyValuePair<string, object?>("kind", kind.Key)));
}
