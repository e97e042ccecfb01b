using Meerkat.Admin.Metrics;
using Meerkat.Connections.Http;
using Meerkat.Core.Hosts;

namespace Meerkat.Admin.Rest.Admin;

/// <summary>Metrics (RST-ADMIN-31 to 37), by dotted names.</summary>
internal static class MetricFigures
{
    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server, MetricBoard board)
    {
        const AdminApiPart Part = AdminApiPart.Metrics;
        RestOperation[] gets =
        [
            new(Part, "GET", "/metrics", async call =>
            {
                var all = await board.ReadAsync(call.Ct);
                var hosts = HostTypes(server);
                return RestAnswer.Json(new
                {
                    host_types = hosts,
                    metrics = hosts.Count == 0 ? [] : Names(all, MetricBoard.SegmentOf(hosts[0])),
                    global = Names(all, NamedMetric.Global),
                });
            })
            {
                Summary = "The host types, the names of the first one's metrics, and the names of the server's.",
            },
            new(Part, "GET", "/metrics/all", async call => RestAnswer.Json(new { metrics = Sum((await board.ReadAsync(call.Ct)).Where(metric => metric.Name[0] != NamedMetric.Global)) }))
            {
                Summary = "The metrics of host types, summed over them.",
            },
            new(Part, "GET", "/metrics/all/{metric}", async call => One(call, (await board.ReadAsync(call.Ct)).Where(metric => metric.Name[0] != NamedMetric.Global)))
            {
                Summary = "A metric of host types, summed over them.",
                Refusals = [404],
            },
            new(Part, "GET", "/metrics/global", async call => Scope(await board.ReadAsync(call.Ct), NamedMetric.Global))
            {
                Summary = "The metrics of the server.",
                Refusals = [404],
            },
            new(Part, "GET", "/metrics/global/{metric}", async call => One(call, (await board.ReadAsync(call.Ct)).Where(metric => metric.Name[0] == NamedMetric.Global)))
            {
                Summary = "A metric of the server.",
                Refusals = [404],
            },
            new(Part, "GET", "/metrics/host_type/{hostType}", async call => Scope(await board.ReadAsync(call.Ct), HostType(server, call)))
            {
                Summary = "The metrics of a host type.",
                Refusals = [404],
            },
            new(Part, "GET", "/metrics/host_type/{hostType}/{metric}", async call => One(call, In(await board.ReadAsync(call.Ct), HostType(server, call))))
            {
                Summary = "A metric of a host type.",
                Refusals = [404],
            },
        ];
        return gets.Concat(gets.Select(get => new RestOperation(Part, "HEAD", get.Path, get.Run) { IsHidden = true }));
    }

    private static List<string> HostTypes(ServerContext server) => [.. server.Domains.All.Where(domain => domain.Service is null).Select(domain => domain.Host.Name).Distinct().Order(StringComparer.Ordinal)];

    private static string HostType(ServerContext server, RestCall call) =>
        HostTypes(server).Contains(call.Segment("hostType")) ? MetricBoard.SegmentOf(call.Segment("hostType")) : throw new RestException(404, "There is no such host type");

    private static IEnumerable<NamedMetric> In(IReadOnlyList<NamedMetric> all, string scope) => all.Where(metric => metric.Name[0] == scope);

    private static List<string> Names(IReadOnlyList<NamedMetric> all, string scope) => [.. In(all, scope).Select(metric => metric.Dotted).Order(StringComparer.Ordinal)];

    private static RestAnswer Scope(IReadOnlyList<NamedMetric> all, string scope) =>
        In(all, scope).ToList() is { Count: > 0 } found ? RestAnswer.Json(new { metrics = Sum(found) }) : throw new RestException(404, "There are no metrics");

    private static RestAnswer One(RestCall call, IEnumerable<NamedMetric> among)
    {
        var name = call.Segment("metric");
        return Sum(among.Where(metric => metric.Dotted == name)).TryGetValue(name, out var values) ? RestAnswer.Json(new { metric = values }) : throw new RestException(404, "There is no such metric");
    }

    // Of several host types: numbers add up; of what is no number of things, the largest is told.
    private static SortedDictionary<string, Dictionary<string, long>> Sum(IEnumerable<NamedMetric> metrics)
    {
        var sums = new SortedDictionary<string, Dictionary<string, long>>(StringComparer.Ordinal);
        foreach (var metric in metrics)
        {
            if (!sums.TryGetValue(metric.Dotted, out var values))
            {
                sums[metric.Dotted] = values = [];
            }

            foreach (var (key, value) in metric.Values)
            {
                values[key] = !values.TryGetValue(key, out var before) ? value : key is "n" or "one" or "count" or "value" ? before + value : Math.Max(before, value);
            }
        }

        return sums;
    }
}
