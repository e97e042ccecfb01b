using System.Globalization;
using System.Text;

namespace Meerkat.Admin.Metrics;

/// <summary>What a series is.</summary>
internal enum SeriesKind
{
    /// <summary>A total that only grows.</summary>
    Counter,

    /// <summary>A value that comes and goes.</summary>
    Gauge,

    /// <summary>A distribution.</summary>
    Histogram,
}

/// <summary>One series: a name with its labels, and what it says.</summary>
/// <param name="Family">The name, without what the parts of a histogram have behind it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Labels">Its labels; those of the exporter itself are left out.</param>
internal sealed record MetricSeries(string Family, SeriesKind Kind, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>The value; of a histogram the sum of what was recorded.</summary>
    public double Value { get; set; }

    /// <summary>Of a histogram how much was recorded.</summary>
    public double Count { get; set; }

    /// <summary>Of a histogram: how much was at most the bound, in ascending order of bounds; the last is infinite.</summary>
    public List<(double Bound, double Count)> Buckets { get; } = [];
}

/// <summary>Reads Prometheus's text format, as this server's own exporter writes it.</summary>
internal static class PrometheusText
{
    private static readonly string[] s_parts = ["_bucket", "_sum", "_count"];

    /// <summary>The series of a text, in its order; what says nothing of the server is left out.</summary>
    public static IReadOnlyList<MetricSeries> Read(string text)
    {
        var kinds = new Dictionary<string, SeriesKind>(StringComparer.Ordinal);
        var series = new Dictionary<string, MetricSeries>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                if (line.TrimEnd().Split(' ') is [_, _, var name, var kind])
                {
                    kinds[name] = kind switch { "counter" => SeriesKind.Counter, "histogram" => SeriesKind.Histogram, _ => SeriesKind.Gauge };
                }
            }
            else if (line[0] != '#' && !line.StartsWith("target_info", StringComparison.Ordinal) && !line.StartsWith("otel_", StringComparison.Ordinal))
            {
                ReadSample(line, kinds, series);
            }
        }

        return [.. series.Values];
    }

    private static void ReadSample(string line, Dictionary<string, SeriesKind> kinds, Dictionary<string, MetricSeries> series)
    {
        var nameEnd = line.IndexOfAny(['{', ' ']);
        var name = line[..nameEnd];
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var at = nameEnd;
        if (line[at] == '{')
        {
            at = ReadLabels(line, at + 1, labels);
        }

        var value = ParseNumber(line[at..].Trim().Split(' ')[0]);
        var part = s_parts.FirstOrDefault(part => name.EndsWith(part, StringComparison.Ordinal) && kinds.GetValueOrDefault(name[..^part.Length]) is SeriesKind.Histogram);
        var family = part is null ? name : name[..^part.Length];
        labels.Remove("le", out var bound);
        foreach (var own in labels.Keys.Where(label => label.StartsWith("otel_", StringComparison.Ordinal)).ToArray())
        {
            labels.Remove(own);
        }

        var key = $"{family}\0{string.Join('\0', labels.Select(label => $"{label.Key}={label.Value}"))}";
        if (!series.TryGetValue(key, out var one))
        {
            series[key] = one = new MetricSeries(family, kinds.GetValueOrDefault(family, SeriesKind.Gauge), labels);
        }

        switch (part)
        {
            case "_bucket":
                one.Buckets.Add((ParseNumber(bound!), value));
                break;
            case "_count":
                one.Count = value;
                break;
            default:
                one.Value = value;
                break;
        }
    }

    // Behind the brace; answers where the value begins.
    private static int ReadLabels(string line, int at, SortedDictionary<string, string> labels)
    {
        while (line[at] != '}')
        {
            var equals = line.IndexOf('=', at);
            var name = line[at..equals].TrimStart(',', ' ');
            var text = new StringBuilder();
            for (at = equals + 2; line[at] != '"'; at++)
            {
                if (line[at] == '\\')
                {
                    at++;
                    text.Append(line[at] == 'n' ? '\n' : line[at]);
                }
                else
                {
                    text.Append(line[at]);
                }
            }

            labels[name] = text.ToString();
            at++;
            if (line[at] == ',')
            {
                at++;
            }
        }

        return at + 1;
    }

    private static double ParseNumber(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };
}
