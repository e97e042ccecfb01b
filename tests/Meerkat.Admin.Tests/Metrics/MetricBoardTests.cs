using Meerkat.Admin.Metrics;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Admin.Tests.Metrics;

/// <summary>Metrics under the names of the reference (GQA-METRIC-01, OPS-101).</summary>
public sealed class MetricBoardTests
{
    [Fact]
    public async Task Text_is_read_as_it_is_written()
    {
        var series = PrometheusText.Read(await new SampleMetrics().ReadAsync(CancellationToken.None));
        Assert.DoesNotContain(series, one => one.Family == "target_info");
        Assert.Equal("a \"b\" \\ c\nd", series.Single(one => one.Family == "meerkat_log_entries_total").Labels["level"]);
        var histogram = series.Single(one => one.Kind is SeriesKind.Histogram);
        Assert.Equal(("meerkat_messages_duration_seconds", 0.15, 100.0, 4), (histogram.Family, histogram.Value, histogram.Count, histogram.Buckets.Count));
        Assert.Empty(histogram.Labels);
    }

    [Fact]
    public async Task The_reference_has_its_own_names_by_host_type_and_for_the_whole_server()
    {
        await using var server = await TestServer.StartAsync();
        var metrics = await new MetricBoard(server.Context, new SampleMetrics()).ReadAsync(CancellationToken.None);
        Assert.Equal(3, Value(metrics, "value", "one.test", "sm_session", "count"));
        Assert.Equal(7, Value(metrics, "value", "global", "sm_total_sessions", "count")); // of all host types
        Assert.Equal(5, Value(metrics, "count", "two.test", "sm_session", "logins"));
        Assert.Equal(3, Value(metrics, "count", "global", "xmpp_element_in", "error_count"));
        Assert.Equal(2, Value(metrics, "count", "global", "xmpp_element_in", "message_error_count"));
        Assert.Equal(9, Value(metrics, "count", "global", "xmpp_element_out", "message_error_count"));
        Assert.Equal(9, Value(metrics, "count", "global", "meerkat_stanzas_errors_total", "out", "message")); // and by Prometheus's
        Assert.DoesNotContain(metrics, metric => metric.Name[1] == "mod_roster_get"); // not counted yet
    }

    [Fact] // OPS-102: microseconds
    public async Task Distributions_are_told_by_their_buckets()
    {
        await using var server = await TestServer.StartAsync();
        var metrics = await new MetricBoard(server.Context, new SampleMetrics()).ReadAsync(CancellationToken.None);
        Assert.Equal(
            [("n", 100), ("mean", 1500), ("min", 0), ("max", 10000), ("median", 1000), ("50", 1000), ("75", 1625), ("90", 2000), ("95", 6000), ("99", 9200), ("999", 9920)],
            metrics.Single(metric => metric.Name.SequenceEqual(["global", "c2s_message_processed", "time"])).Values.Select(value => (value.Key, value.Value)));
    }

    [Fact] // OPS-101: the last 60 s
    public async Task One_is_what_came_within_a_minute()
    {
        await using var server = await TestServer.StartAsync();
        var sample = new SampleMetrics();
        var board = new MetricBoard(server.Context, sample);
        Assert.Equal(0, await OneAsync());
        sample.Opened += 10;
        server.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(10, await OneAsync());
        server.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(0, await OneAsync()); // since the second reading
        server.Time.Advance(TimeSpan.FromHours(1));
        sample.Opened += 3;
        Assert.Equal(0, await OneAsync()); // nobody looked within the minute

        async Task<long> OneAsync() => Value(await board.ReadAsync(CancellationToken.None), "one", "one.test", "sm_session", "logins");
    }

    [Theory]
    [InlineData(new string[0], true)]
    [InlineData(new[] { "one.test" }, true)]
    [InlineData(new[] { "_", "sm_session" }, true)]
    [InlineData(new[] { "_", "_", "count" }, true)]
    [InlineData(new[] { "one.test", "sm" }, false)]
    [InlineData(new[] { "one.test", "sm_session", "count", "more" }, false)]
    public void A_path_is_a_beginning_and_may_leave_segments_open(string[] path, bool fits) =>
        Assert.Equal(fits, MetricBoard.Matches(new NamedMetric(["one.test", "sm_session", "count"], MetricType.Counter, []), path));

    [Fact]
    public async Task Without_metrics_there_are_none()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Empty(await new MetricBoard(server.Context, null).ReadAsync(CancellationToken.None));
    }

    private static long Value(IReadOnlyList<NamedMetric> metrics, string key, params string[] name) => metrics.Single(metric => metric.Name.SequenceEqual(name)).Values.Single(value => value.Key == key).Value;
}
