using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Meerkat.Storage.Sql.Sqlite;

namespace Meerkat.Storage.Sql;

/// <summary>How reading and writing goes: what each operation of a store takes (OPS-124), how many writes share a commit, and what a group takes.</summary>
internal static class StorageMetrics
{
    public static readonly Meter Meter = new("Meerkat.Storage.Sql");
    private static readonly Histogram<double> Operations = Meter.CreateHistogram<double>("meerkat.storage.duration", "s", "Operations of stores on SQL databases, waiting in line included, by store, operation and kind.");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("meerkat.storage.failed", "{operation}", "Operations of stores on SQL databases that failed, by store, operation and kind.");
    private static readonly Histogram<int> GroupSize = Meter.CreateHistogram<int>("meerkat.storage.commit.writes", "{write}", "Writes that shared one commit.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("meerkat.storage.commit.duration", "s", "Running and committing one group of writes.");

    private static readonly ConcurrentDictionary<(string Store, string Operation, string Kind), bool> Begun = new();
    private static readonly ConcurrentDictionary<SqliteWriter, bool> Writers = new();

    static StorageMetrics() =>
        Meter.CreateObservableGauge("meerkat.storage.writes.waiting", () => Writers.Keys.Sum(writer => writer.Waiting), "{write}", "Writes that wait for the one writer of the embedded database.");

    public static void Add(SqliteWriter writer) => Writers[writer] = true;

    public static void Remove(SqliteWriter writer) => Writers.TryRemove(writer, out _);

    /// <summary>Whether somebody wants to know of operations.</summary>
    public static bool WatchesOperations => Operations.Enabled;

    /// <summary>An operation went well. From the first one its failures are counted too, at 0, so that the first is a change (OPS-100).</summary>
    public static void Ran(string store, string operation, string kind, TimeSpan took)
    {
        Operations.Record(took.TotalSeconds, new("store", store), new("operation", operation), new("kind", kind));
        if (Begun.TryAdd((store, operation, kind), true))
        {
            Failures.Add(0, new("store", store), new("operation", operation), new("kind", kind));
        }
    }

    public static void Failed(string store, string operation, string kind) => Failures.Add(1, new("store", store), new("operation", operation), new("kind", kind));

    public static void Committed(int writes, TimeSpan took)
    {
        GroupSize.Record(writes);
        Duration.Record(took.TotalSeconds);
    }
}
