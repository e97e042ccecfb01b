using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Meerkat.Server.Running;

/// <summary>The bounds of the buckets in which histograms are told. The exporter's own are meant for milliseconds: whatever takes less than 5 s would be in one bucket.</summary>
internal static class HistogramBounds
{
    private static readonly double[] s_seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] s_microseconds = [.. s_seconds.Select(bound => Math.Round(bound * 1_000_000))];
    private static readonly double[] s_counts = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000];

    /// <summary>How an instrument is told: by the unit of what it measures; null leaves it as it is.</summary>
    public static MetricStreamConfiguration? Of(Instrument instrument)
    {
        var kind = instrument.GetType();
        if (!kind.IsGenericType || kind.GetGenericTypeDefinition() != typeof(Histogram<>))
        {
            return null;
        }

        return new ExplicitBucketHistogramConfiguration
        {
            Boundaries = instrument.Unit switch
            {
                "s" => s_seconds,
                "us" => s_microseconds,
                _ => s_counts,
            },
        };
    }
}
