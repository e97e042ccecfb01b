using Meerkat.Admin.GraphQL;
using Meerkat.Admin.Metrics;

namespace Meerkat.Admin.Categories;

/// <summary><c>metric</c> (GQA-METRIC-01 to 03). There is one node.</summary>
internal sealed class MetricCategory(MetricBoard board, IServerControl control) : ICategory
{
    private static readonly Dictionary<string, string> s_fields = new(StringComparer.Ordinal) { ["50"] = "p50", ["75"] = "p75", ["90"] = "p90", ["95"] = "p95", ["99"] = "p99", ["999"] = "p999" };

    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "MetricAdminQuery";
        admin.Add(Query, "getMetrics", async call => (await FindAsync(call)).Select(Whole));
        admin.Add(Query, "getMetricsAsDicts", async call => await DictsAsync(call));
        admin.Add(Query, "getClusterMetricsAsDicts", async call =>
        {
            var nodes = call.FindList<string>("nodes");
            if (nodes?.FirstOrDefault(node => node != control.NodeName) is { } unknown)
            {
                throw new OperationException("resolver_error", "The node cannot be reached", ("node", unknown));
            }

            return nodes is { Count: 0 } ? [] : new[] { new ResultFields { ["node"] = control.NodeName, ["result"] = await DictsAsync(call) } };
        });
    }

    private async ValueTask<IEnumerable<NamedMetric>> FindAsync(OperationCall call)
    {
        var path = call.FindList<string?>("name") ?? [];
        return (await board.ReadAsync(call.Ct)).Where(metric => MetricBoard.Matches(metric, path));
    }

    private async ValueTask<IReadOnlyList<ResultFields>> DictsAsync(OperationCall call)
    {
        var keys = call.FindList<string?>("keys");
        return
        [
            .. (await FindAsync(call)).Select(metric => new ResultFields
            {
                ["name"] = metric.Name,
                ["dict"] = metric.Values.Where(value => keys is null or { Count: 0 } || keys.Contains(value.Key)).Select(value => new ResultFields { ["key"] = value.Key, ["value"] = value.Value.ToInt() }).ToList(),
            }),
        ];
    }

    private static ResultFields Whole(NamedMetric metric)
    {
        var type = metric.Type.ToString();
        var fields = new ResultFields($"{type}Metric") { ["name"] = metric.Name, ["type"] = type.ToLowerInvariant() };
        foreach (var (key, value) in metric.Values)
        {
            fields[s_fields.GetValueOrDefault(key, key)] = value.ToInt();
        }

        return fields;
    }
}
