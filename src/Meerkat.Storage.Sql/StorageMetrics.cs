using System.Diagnostics.Metrics;

namespace Meerkat.Storage.Sql;

/// <summary>How writing goes: how many writes share a commit, and what a group takes.</summary>
internal static class StorageMetrics
{
    public static readonly Meter Meter = new("Meerkat.Storage.Sql");
    private static readonly Histogram<int> GroupSize = Meter.CreateHistogram<int>("meerkat.storage.commit.writes", "{write}", "Writes that shared one commit.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("meerkat.storage.commit.duration", "s", "Running and committing one group of writes.");

    public static void Committed(int writes, TimeSpan took)
    {
        GroupSize.Record(writes);
        Duration.Record(took.TotalSeconds);
    }
}
