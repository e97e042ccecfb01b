using System.Text.RegularExpressions;
using Meerkat.Core.Hosts;

namespace Meerkat.Admin.Metrics;

/// <summary>A metric under a name of segments, as the reference's interfaces show it.</summary>
/// <param name="Name">A host type or <c>global</c>, then the reference's name where there is one: event and metric; else Prometheus's name and the values of its labels.</param>
/// <param name="Type">What it is.</param>
/// <param name="Values">What it says, by key. Times in microseconds.</param>
internal sealed record NamedMetric(IReadOnlyList<string> Name, MetricType Type, IReadOnlyList<KeyValuePair<string, long>> Values)
{
    /// <summary>The scope of what belongs to no host type.</summary>
    public const string Global = "global";

    /// <summary>The name without its scope, as REST has it.</summary>
    public string Dotted => string.Join('.', Name.Skip(1));
}

/// <summary>The metrics of the server under the names of the reference (GQA-METRIC-01, RST-ADMIN-31 to 37), read from what Prometheus reads. Nothing is kept beside it but the counters of the last minute, for <c>one</c>.</summary>
/// <remarks>Empty where metrics are not served. Safe for concurrent use.</remarks>
/// <param name="server">The server.</param>
/// <param name="text">Where metrics are read; null where they are not served.</param>
internal sealed partial class MetricBoard(ServerContext server, IMetricsText? text)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(5);
    private static readonly (string Key, double Part)[] s_percentiles = [("50", 0.5), ("75", 0.75), ("90", 0.9), ("95", 0.95), ("99", 0.99), ("999", 0.999)];

    private readonly Lock _gate = new();
    private readonly Queue<(DateTimeOffset Time, Dictionary<string, long> Counts)> _history = new();

    /// <summary>Reads all metrics, those of the reference's names first.</summary>
    public async ValueTask<IReadOnlyList<NamedMetric>> ReadAsync(CancellationToken ct)
    {
        if (text is null)
        {
            return [];
        }

        var series = PrometheusText.Read(await text.ReadAsync(ct));
        var found = new List<(string[] Name, MetricType Type, List<MetricSeries> Series)>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var reference in ReferenceMetrics.All)
        {
            foreach (var one in series.Where(one => one.Family == reference.Family && Fits(one, reference)))
            {
                // Totals of the server are of no host type, though what they are made of may be.
                var scope = reference.Event.EndsWith("_sessions", StringComparison.Ordinal) ? NamedMetric.Global : ScopeOf(one);
                Add([scope, reference.Event, reference.Metric], reference.Type, one);
            }
        }

        foreach (var one in series)
        {
            var type = one.Kind switch { SeriesKind.Counter => MetricType.Spiral, SeriesKind.Histogram => MetricType.Histogram, _ => MetricType.Gauge };
            Add([ScopeOf(one), one.Family, .. one.Labels.Where(label => label.Key != "host_type").Select(label => label.Value)], type, one);
        }

        var counts = found.Where(metric => metric.Type is MetricType.Spiral).ToDictionary(metric => string.Join('\0', metric.Name), metric => metric.Series.Sum(CountOf));
        var before = Remember(counts);
        return [.. found.Select(metric => new NamedMetric(metric.Name, metric.Type, Values(metric.Name, metric.Type, metric.Series, before)))];

        void Add(string[] name, MetricType type, MetricSeries one)
        {
            var key = string.Join('\0', name);
            if (places.TryGetValue(key, out var at))
            {
                found[at].Series.Add(one);
            }
            else
            {
                places[key] = found.Count;
                found.Add((name, type, [one]));
            }
        }
    }

    /// <summary>Whether a metric is below a path: its name begins with these segments, of which <c>_</c> is any.</summary>
    public static bool Matches(NamedMetric metric, IReadOnlyList<string?> path) =>
        path.Count <= metric.Name.Count && path.Zip(metric.Name, (asked, has) => asked is "_" || asked == has).All(fits => fits);

    /// <summary>A host type as a segment of a name: without blanks.</summary>
    public static string SegmentOf(string hostType) => Blanks().Replace(hostType, "_");

    private static bool Fits(MetricSeries series, ReferenceMetric reference) =>
        reference.Label is null || reference.Label.Split(',').Zip(reference.LabelValue!.Split(',')).All(asked => series.Labels.GetValueOrDefault(asked.First) == asked.Second);

    private static string ScopeOf(MetricSeries series) => series.Labels.TryGetValue("host_type", out var hostType) ? SegmentOf(hostType) : NamedMetric.Global;

    private static long CountOf(MetricSeries series) => ToLong(series.Kind is SeriesKind.Histogram ? series.Count : series.Value);

    private static long ToLong(double value) => double.IsNaN(value) ? 0 : (long)Math.Clamp(Math.Round(value), -9e15, 9e15);

    private List<KeyValuePair<string, long>> Values(string[] name, MetricType type, List<MetricSeries> series, Dictionary<string, long> before)
    {
        switch (type)
        {
            case MetricType.Spiral:
                var count = series.Sum(CountOf);
                return [new("one", count - before.GetValueOrDefault(string.Join('\0', name), count)), new("count", count)];
            case MetricType.Counter:
                return [new("value", series.Sum(CountOf)), new("ms_since_reset", (long)(server.Time.GetUtcNow() - server.Started).TotalMilliseconds)];
            case MetricType.Gauge:
                return [new("value", series.Sum(CountOf))];
            default:
                return Distribution(series);
        }
    }

    // By the bounds of buckets: no better than they are.
    private static List<KeyValuePair<string, long>> Distribution(List<MetricSeries> series)
    {
        var scale = series[0].Family.EndsWith("_seconds", StringComparison.Ordinal) ? 1_000_000 : 1;
        var n = series.Sum(one => one.Count);
        var buckets = series.SelectMany(one => one.Buckets).GroupBy(bucket => bucket.Bound).OrderBy(bucket => bucket.Key).Select(bucket => (Bound: bucket.Key, Count: bucket.Sum(one => one.Count))).ToList();
        List<KeyValuePair<string, long>> values =
        [
            new("n", ToLong(n)),
            new("mean", n == 0 ? 0 : ToLong(series.Sum(one => one.Value) / n * scale)),
            new("min", ToLong(At(0) * scale)),
            new("max", ToLong(At(1) * scale)),
            new("median", ToLong(At(0.5) * scale)),
        ];
        values.AddRange(s_percentiles.Select(percentile => KeyValuePair.Create(percentile.Key, ToLong(At(percentile.Part) * scale))));
        return values;

        double At(double part)
        {
            var (below, lower) = (0.0, 0.0);
            foreach (var (bound, count) in buckets)
            {
                if (count > below && count >= part * n)
                {
                    return double.IsInfinity(bound) ? lower : lower + ((bound - lower) * Math.Clamp(((part * n) - below) / (count - below), 0, 1));
                }

                (below, lower) = (count, double.IsInfinity(bound) ? lower : bound);
            }

            return 0;
        }
    }

    // What was counted at the oldest reading within the last minute.
    private Dictionary<string, long> Remember(Dictionary<string, long> counts)
    {
        var now = server.Time.GetUtcNow();
        lock (_gate)
        {
            while (_history.TryPeek(out var oldest) && now - oldest.Time > s_minute)
            {
                _history.Dequeue();
            }

            if (_history.Count == 0 || now - _history.Last().Time >= s_step)
            {
                _history.Enqueue((now, counts));
            }

            return _history.Peek().Counts;
        }
    }

    [GeneratedRegex(@"\s")]
    private static partial Regex Blanks();
}
