using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Meerkat.Admin.Metrics;
using Xunit;

namespace Meerkat.Server.Tests.Telemetry;

/// <summary>docs/metrics.md has every instrument and every metric of the reference; what stands there and in the dashboard is what Prometheus reads.</summary>
public sealed class MetricsPageTests
{
    private const string Mark = "<!-- Below: made from the instruments; MEERKAT_WRITE_DOCS=1 with the tests of Meerkat.Server rewrites it. -->\n";

    // OPS-105 to OPS-134: the events of the specification whose feature there may be.
    private static readonly string[] s_events =
    [
        "sm_session", "sm_total_sessions", "sm_unique_sessions", "sm_node_sessions", "sm_message_bounced", "sm_presence_subscription", "c2s_message_processed", "c2s_auth_failed", "s2s_auth_failed",
        "component_auth_failed", "router_stanza_dropped", "router_no_route_found", "xmpp_element_in", "xmpp_element_out", "tcp_data_in", "tcp_data_out", "tls_data_in", "tls_data_out", "bosh_data_received", "bosh_data_sent",
        "websocket_data_received", "websocket_data_sent", "auth_authorize", "auth_check_password", "auth_try_register", "auth_does_user_exist", "auth_register_user", "auth_unregister_user",
        "auth_anonymous_register_user", "auth_anonymous_unregister_user", "mod_roster_get", "mod_roster_set", "mod_roster_push", "mod_privacy_get", "mod_privacy_set", "mod_privacy_push_item",
        "mod_privacy_check_packet", "mod_csi_active", "mod_csi_inactive", "mod_ping_response", "mod_ping_response_timeout", "mod_disco_roster_get", "user_cache_lookup", "async_pool_flush", "async_pool_request",
        "async_pool_queue_lengths", "wpool_rdbms_stats", "wpool_queue_lengths", "mnesia_info", "cets_info", "system_up_time", "system_tcp_ports", "system_process_queue_lengths", "system_dist_data",
        "system_memory", "system_info", "tls_cert_remaining_days", "mod_muc_rooms", "mod_muc_hibernations", "mod_muc_deep_hibernations", "mod_muc_process_recreations",
        "mod_mam_pm_archive_message", "mod_mam_pm_lookup", "mod_mam_pm_get_prefs", "mod_mam_pm_set_prefs", "mod_mam_pm_remove_archive", "mod_mam_pm_dropped", "mod_mam_pm_dropped_iq", "mod_mam_pm_flushed",
        "mod_mam_muc_archive_message", "mod_mam_muc_lookup", "mod_mam_muc_get_prefs", "mod_mam_muc_set_prefs", "mod_mam_muc_remove_archive", "mod_mam_muc_dropped", "mod_mam_muc_dropped_iq", "mod_mam_muc_flushed",
    ];

    [Fact]
    public void The_page_has_every_instrument_and_no_other()
    {
        var page = Find("docs", "metrics.md");
        var text = File.ReadAllText(page);
        var at = text.IndexOf(Mark, StringComparison.Ordinal);
        Assert.True(at > 0, $"{page} has lost its mark");
        var expected = text[..(at + Mark.Length)] + Tables();
        if (Environment.GetEnvironmentVariable("MEERKAT_WRITE_DOCS") == "1")
        {
            File.WriteAllText(page, expected);
        }

        Assert.Equal(expected, File.ReadAllText(page));
    }

    [Fact]
    public void Every_instrument_says_what_it_is() => Assert.DoesNotContain(Instruments.Own(), instrument => instrument.Description.Length < 5 || !instrument.Description.EndsWith('.'));

    [Fact]
    public void Every_event_of_the_specification_has_a_place_or_a_reason()
    {
        var said = string.Join(' ', ReferenceMetrics.Absent.Select(absent => absent.Events));
        Assert.DoesNotContain(s_events, name => ReferenceMetrics.All.All(metric => metric.Event != name) && !said.Contains($"`{name}`", StringComparison.Ordinal));
    }

    [Fact]
    public void What_stands_for_a_metric_of_the_reference_is_there()
    {
        var there = Instruments.Own().Concat(Instruments.Runtime()).Select(instrument => instrument.Prometheus).ToHashSet();
        Assert.DoesNotContain(ReferenceMetrics.All.Select(metric => metric.Family).Distinct(), family => !there.Contains(family));
    }

    [Fact]
    public async Task Prometheus_reads_the_names_that_the_page_says()
    {
        await using var server = await TracedServer.StartAsync();
        await using var alice = await server.ConnectAsync("alicemetrics");
        await using var bob = await server.ConnectAsync("bobmetrics");
        await alice.SendAsync($"<message type='chat' id='counted' to='bobmetrics@{TracedServer.Domain}/here'><body>x</body></message>");
        await bob.ExpectAsync("<message id='counted'/>");
        await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:private'><n xmlns='app:n'>milk</n></query></iq>");
        using var http = new HttpClient();
        var said = await http.GetStringAsync(server.Metrics, TestContext.Current.CancellationToken);
        var there = Instruments.Own().Concat(Instruments.Runtime()).ToDictionary(instrument => instrument.Prometheus, instrument => instrument.Kind);
        var wrong = Regex.Matches(said, "(?m)^# TYPE (\\S+) (\\S+)\r?$").Select(match => (Name: match.Groups[1].Value, Kind: match.Groups[2].Value))
            .Where(family => !family.Name.StartsWith("planted", StringComparison.Ordinal) && family.Name is not "target_info" and not "otel_scope_info")
            .Where(family => there.GetValueOrDefault(family.Name) != family.Kind);
        Assert.Empty(wrong);

        // What has happened is told.
        foreach (var family in new[] { "meerkat_sessions", "meerkat_sessions_opened_total", "meerkat_accounts_online", "meerkat_stanzas_received_total", "meerkat_stanzas_sent_total", "meerkat_messages_duration_seconds_count",
            "meerkat_network_received_bytes_total", "meerkat_network_sent_bytes_total", "meerkat_connections", "meerkat_storage_duration_seconds_count", "meerkat_mam_waiting", "meerkat_storage_writes_waiting", "meerkat_uptime_seconds",
            "dotnet_gc_collections_total", "dotnet_process_memory_working_set_bytes" })
        {
            Assert.Matches($"(?m)^{family}(\\{{| )", said);
        }

        Assert.Matches("(?m)^meerkat_storage_duration_seconds_count\\{(?=.*store=\"PrivateStore\")(?=.*operation=\"Set\")(?=.*kind=\"write\").*\\} ", said);
        Assert.Matches("(?m)^meerkat_network_sent_bytes_total\\{.*transport=\"tcp\".*\\} [1-9]", said);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!Regex.IsMatch(said, "(?m)^meerkat_http_requests_total\\{(?=.*handler=\"prometheus\")(?=.*status=\"200\").*\\} "))
        {
            await Task.Delay(50, patience.Token); // an answer is kept for a moment
            said = await http.GetStringAsync(server.Metrics, patience.Token);
        }
    }

    [Fact]
    public void The_dashboard_asks_for_what_there_is()
    {
        var there = Instruments.Own().Concat(Instruments.Runtime()).SelectMany(instrument =>
            instrument.Kind == "histogram" ? new[] { $"{instrument.Prometheus}_bucket", $"{instrument.Prometheus}_sum", $"{instrument.Prometheus}_count" } : [instrument.Prometheus]).ToHashSet();
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Find("docs", "grafana", "meerkat.json")));
        var expressions = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray().Select(target => target.GetProperty("expr").GetString()!) : []).ToList();
        Assert.True(expressions.Count >= 20);
        var asked = expressions.SelectMany(expression => Regex.Matches(expression, @"\b(?:meerkat|bosh|auth|user_cache|dotnet)_[a-z0-9_]+").Select(match => match.Value)).Distinct().ToList();
        Assert.DoesNotContain(asked, name => !there.Contains(name));
        Assert.All(expressions, expression => Assert.Matches(@"(meerkat|bosh|dotnet)_", expression));

        // Panels do not lie on each other.
        var places = dashboard.RootElement.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("gridPos")).SelectMany(place =>
            from x in Enumerable.Range(place.GetProperty("x").GetInt32(), place.GetProperty("w").GetInt32())
            from y in Enumerable.Range(place.GetProperty("y").GetInt32(), place.GetProperty("h").GetInt32())
            select (x, y)).ToList();
        Assert.Equal(places.Count, places.Distinct().Count());
        Assert.All(places, place => Assert.InRange(place.x, 0, 23));
    }

    private static string Tables()
    {
        var page = new StringBuilder("\n## Instruments\n\n| name | Prometheus | kind | what |\n|---|---|---|---|\n");
        foreach (var instrument in Instruments.Own())
        {
            page.Append($"| `{instrument.Name}` | `{instrument.Prometheus}` | {instrument.Kind} | {Regex.Replace(instrument.Description.TrimEnd('.'), @" \([A-Z]+-\d+( to \d+)?\)", "")} |\n");
        }

        page.Append("\n## From MongooseIM's names\n\n| event | metric | here |\n|---|---|---|\n");
        foreach (var metric in ReferenceMetrics.All)
        {
            var labels = metric.Label is null ? "" : $"{{{string.Join(',', metric.Label.Split(',').Zip(metric.LabelValue!.Split(',')).Select(label => $"{label.First}=\"{label.Second}\""))}}}";
            page.Append($"| `{metric.Event}` | `{metric.Metric}` | `{metric.Family}{labels}`{(metric.Type is not MetricType.Histogram && IsHistogram(metric.Family) ? ", its count" : "")} |\n");
        }

        page.Append("\n| not there | instead, or why |\n|---|---|\n");
        foreach (var (events, why) in ReferenceMetrics.Absent)
        {
            page.Append($"| {events} | {why} |\n");
        }

        return page.ToString();
    }

    private static bool IsHistogram(string family) => Instruments.Own().Any(instrument => instrument.Prometheus == family && instrument.Kind == "histogram");

    private static string Find(params string[] path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine([folder.FullName, .. path]);
            if (File.Exists(file))
            {
                return file;
            }
        }

        throw new FileNotFoundException(Path.Combine(path));
    }
}
