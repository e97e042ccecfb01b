using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Meerkat.Storage.Sql.Sqlite;

namespace Meerkat.Storage.Sql;

/// <summary>How writing goes: how many writes share a commit, and what a group takes.</summary>
internal static class StorageMetrics
{
    public static readonly Meter Meter = new("Meerkat.Storage.Sql");
    private static readonly Histogram<int> GroupSize = Meter.CreateHistogram<int>("meerkat.storage.commit.writes", "{write}", "Writes that shared one commit.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("meerkat.storage.commit.duration", "s", "Running and committing one group of writes.");

    private static readonly ConcurrentDictionary<SqliteWriter, bool> Writers = new();

    static StorageMetrics() =>
        Meter.CreateObservableGauge("meerkat.storage.writes.waiting", () => Writers.Keys.Sum(writer => writer.Waiting), "{write}", "Writes that wait for the one writer of the embedded database.");

    public static void Add(SqliteWriter writer) => Writers[writer] = true;

    public static void Remove(SqliteWriter writer) => Writers.TryRemove(writer, out _);

    public static void Committed(int writes, TimeSpan took)
    {
        GroupSize.Record(writes);
        Duration.Record(took.TotalSeconds);
    }
}
