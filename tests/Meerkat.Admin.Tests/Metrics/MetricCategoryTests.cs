using Meerkat.Admin.Tests.GraphQL;
using Xunit;

namespace Meerkat.Admin.Tests.Metrics;

/// <summary><c>metric</c> of the administrator's schema (GQA-METRIC-01 to 03).</summary>
public sealed class MetricCategoryTests
{
    [Fact]
    public async Task Each_kind_of_metric_has_its_type()
    {
        await using var api = await ApiFixture.StartAsync();
        var (_, answer) = await api.AskAsync("""
            { metric {
              spiral: getMetrics(name: ["two.test", "sm_session", "logins"]) { ... on SpiralMetric { name type one count } }
              counter: getMetrics(name: ["_", "sm_session", "count"]) { __typename ... on CounterMetric { name value } }
              gauge: getMetrics(name: ["global", "sm_total_sessions"]) { ... on GaugeMetric { name type value } }
              histogram: getMetrics(name: ["global", "c2s_message_processed"]) { ... on HistogramMetric { type n mean p95 p999 } }
              none: getMetrics(name: ["nosuch"]) { __typename }
            } }
            """);
        var found = answer.GetProperty("data").GetProperty("metric");
        Assert.Equal("""[{"name":["two.test","sm_session","logins"],"type":"spiral","one":0,"count":5}]""", found.GetProperty("spiral").GetRawText());
        Assert.Equal("""[{"__typename":"CounterMetric","name":["one.test","sm_session","count"],"value":3},{"__typename":"CounterMetric","name":["two.test","sm_session","count"],"value":4}]""", found.GetProperty("counter").GetRawText());
        Assert.Equal("""[{"name":["global","sm_total_sessions","count"],"type":"gauge","value":7}]""", found.GetProperty("gauge").GetRawText());
        Assert.Equal("""[{"type":"histogram","n":100,"mean":1500,"p95":6000,"p999":9920}]""", found.GetProperty("histogram").GetRawText());
        Assert.Equal("[]", found.GetProperty("none").GetRawText());
    }

    [Fact]
    public async Task Dictionaries_have_the_keys_that_are_asked_for()
    {
        await using var api = await ApiFixture.StartAsync();
        var (_, answer) = await api.AskAsync("""
            { metric {
              some: getMetricsAsDicts(name: ["one.test", "sm_session", "logins"], keys: ["count"]) { name dict { key value } }
              node: getClusterMetricsAsDicts(name: ["global", "sm_node_sessions"], nodes: ["meerkat@test"]) { node result { name dict { key value } } }
            } }
            """);
        var found = answer.GetProperty("data").GetProperty("metric");
        Assert.Equal("""[{"name":["one.test","sm_session","logins"],"dict":[{"key":"count","value":7}]}]""", found.GetProperty("some").GetRawText());
        Assert.Equal("""[{"node":"meerkat@test","result":[{"name":["global","sm_node_sessions","count"],"dict":[{"key":"value","value":7}]}]}]""", found.GetProperty("node").GetRawText());
    }

    [Fact] // GQL: the figures of the whole server are not a domain's
    public async Task The_administrator_of_a_domain_gets_none()
    {
        await using var api = await ApiFixture.StartAsync();
        var (_, answer) = await api.AskAsync("{ metric { getMetrics { __typename } } }", ApiFixture.DomainAdmin);
        Assert.Equal("no_permissions", answer.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString());
    }
}
