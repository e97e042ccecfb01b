using System.Diagnostics.Metrics;
using System.Net;
using System.Text.RegularExpressions;
using Meerkat.Server.Running;
using Meerkat.Server.Tests.Configuration;
using Meerkat.Server.Tests.Telemetry;
using Meerkat.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>What Prometheus reads at <c>/metrics</c>.</summary>
public sealed class MetricsEndpointTests
{
    private const string Domain = "a.example";
    private const string Toml = """
        [[listen.c2s]]
        port = 0
        ip_address = "127.0.0.1"
        [[listen.http]]
        port = 0
        ip_address = "127.0.0.1"
        handlers.mongoose_prometheus_handler = [{host = "_", path = "/metrics"}]
        [instrumentation.prometheus]
        [auth.internal]
        [modules.mod_register]
        """;

    [Fact] // OPS-100: of a counter that begins at 1 nobody learns the first event, and no alarm goes off
    public async Task Counters_are_there_before_their_first_event()
    {
        await RunAsync(async (metrics, http) =>
        {
            var said = await http.GetStringAsync(metrics, TestContext.Current.CancellationToken);
            foreach (var series in new[]
            {
                "meerkat_stanzas_failed_total{kind=\"message\",reason=\"error\"}", "meerkat_stanzas_failed_total{kind=\"iq\",reason=\"storage\"}", "meerkat_stanzas_received_total{kind=\"presence\"}",
                "meerkat_stanzas_errors_total{direction=\"in\",kind=\"message\"}", "meerkat_messages_delivered_total", "meerkat_messages_bounced_total", "meerkat_router_no_route_total", "meerkat_router_dropped_total",
                "meerkat_log_entries_total{level=\"error\"}", "meerkat_log_entries_total{level=\"critical\"}", $"meerkat_sessions_opened_total{{host_type=\"{Domain}\"}}",
                "meerkat_mam_dropped_total{kind=\"pm\",reason=\"failure\"}", "meerkat_mam_dropped_total{kind=\"pm\",reason=\"full\"}", "meerkat_mam_archived_total{kind=\"pm\"}",
                "meerkat_offline_refused_total{reason=\"failure\"}", "meerkat_offline_stored_total",
            })
            {
                var (name, labels) = series.Split('{', '}') is [var first, var second, ..] ? (first, second.Split(',')) : (series, []);
                Assert.True(
                    said.Split('\n').Any(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is '{' or ' ' && labels.All(label => line.Contains(label, StringComparison.Ordinal))), $"{series} is not there");
            }
        });
    }

    // OPS-100: every counter of what is configured, whatever its labels; and those with labels under each value that an alarm waits for
    [Fact]
    public async Task No_counter_waits_for_its_first_event()
    {
        const string Everything = """

            [[listen.http]]
            port = 0
            ip_address = "127.0.0.1"
            handlers.modules = [{host = "_", path = "/"}]
            handlers.mongoose_bosh_handler = [{host = "_", path = "/http-bind"}]
            [services.service_domain_db]
            [services.service_bosh]
            [modules.mod_roster]
            [modules.mod_disco]
            [modules.mod_csi]
            [modules.mod_ping]
            [modules.mod_privacy]
            [modules.mod_http_upload]
            [modules.mod_cache_users]
            [modules.mod_inbox]
            [modules.mod_muc]
            [modules.mod_muc_light]
            [modules.mod_offline]
            [modules.mod_mam.pm]
            [modules.mod_mam.muc]
            """;
        string[] elsewhere =
        [
            "meerkat.cluster.", "meerkat.redis.", "meerkat.cassandra.", "meerkat.storage.pool.", // not configured here: a cluster, pools
            "meerkat.storage.failed", // by store and operation: from the operation's first success
        ];
        await RunAsync(
            async (metrics, http) =>
            {
                var said = (await http.GetStringAsync(metrics, TestContext.Current.CancellationToken)).Split('\n');
                Assert.Empty(Instruments.Own()
                    .Where(instrument => instrument.Kind == "counter" && !elsewhere.Any(name => instrument.Name.StartsWith(name, StringComparison.Ordinal)))
                    .Where(instrument => !said.Any(line => line.StartsWith(instrument.Prometheus, StringComparison.Ordinal) && line[instrument.Prometheus.Length] is '{' or ' '))
                    .Select(instrument => instrument.Name));
                foreach (var series in new[]
                {
                    "meerkat_authentications_total outcome=\"failure\" mechanism=\"PLAIN\"", "meerkat_authentications_total outcome=\"success\" mechanism=\"SCRAM-SHA-1\"", "meerkat_stream_errors_total condition=\"policy-violation\"",
                    "meerkat_upload_refused_total reason=\"quota\"", "meerkat_domains_removals_total outcome=\"failure\"", "meerkat_bosh_terminations_total condition=\"policy-violation\"", "meerkat_http_requests_total status=\"500\"",
                    "meerkat_privacy_checks_total outcome=\"block\"", "meerkat_mam_refused_total kind=\"muc\"", "meerkat_mam_preferences_total kind=\"pm\" operation=\"set\"", "meerkat_roster_subscriptions_total change=\"subscribed\"",
                    $"auth_register_user_total host_type=\"{Domain}\"", "meerkat_csi_changes_total state=\"inactive\"",
                })
                {
                    var (name, labels) = (series.Split(' ')[0], series.Split(' ')[1..]);
                    Assert.True(said.Any(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) && labels.All(label => line.Contains(label, StringComparison.Ordinal)) && line.Contains("} 0", StringComparison.Ordinal)), $"{series} is not there");
                }
            },
            Everything);
    }

    [Theory] // HTP-PROM-01, HTP-PROM-02, HTTP status use per handler
    [InlineData("GET", "", null, 200)]
    [InlineData("GET", "", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", 200)]
    [InlineData("HEAD", "/default", "text/plain", 200)]
    [InlineData("GET", "/nosuch", null, 404)]
    [InlineData("POST", "", null, 405)]
    [InlineData("GET", "", "image/png", 406)]
    public async Task Metrics_are_served_to_those_who_ask_for_them(string method, string below, string? accept, int status)
    {
        await RunAsync(async (metrics, http) =>
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), metrics + below);
            request.Headers.TryAddWithoutValidation("Accept", accept);
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(status, (int)response.StatusCode);
        });
    }

    [Fact] // CORE-127: the gauge of sessions; and histograms by which something can be told
    public async Task Sessions_and_durations_can_be_read()
    {
        using var meter = new Meter("Meerkat.MetricsEndpointTests");
        var seconds = meter.CreateHistogram<double>("planted.seconds", "s");
        var microseconds = meter.CreateHistogram<double>("planted.microseconds", "us");
        var folder = Directory.CreateTempSubdirectory("meerkat-metrics-");
        try
        {
            await using var server = new MeerkatServer(Loading.With(Toml).Accepted, new DataFolder(folder.FullName), TimeProvider.System, NullLoggerFactory.Instance);
            await server.StartAsync(TestContext.Current.CancellationToken);
            var clients = IPEndPoint.Parse(Regex.Match(server.Listening[0], @"[\d.]+:\d+").Value);
            var metrics = new Uri(Regex.Match(server.Listening[1], @"http://\S+").Value);
            using var http = new HttpClient();
            seconds.Record(0.003);
            microseconds.Record(3000);
            await using (var alice = await TestClient.ConnectAsync(clients, Domain))
            {
                await alice.OpenStreamAsync();
                await alice.SendAsync("<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>alice</username><password>secret</password></query></iq>");
                await alice.ExpectAsync("<iq type='result' id='r'/>");
            }

            await using (var alice = await TestClient.ConnectAsync(clients, Domain))
            {
                await alice.LogInAsync("alice", Domain, "secret");
                await alice.BindAsync();
                var said = await http.GetStringAsync(metrics, TestContext.Current.CancellationToken);
                Assert.Matches("""(?m)^target_info\{.*service_name="meerkat".*\} 1""", said);
                Assert.Matches($$"""(?m)^meerkat_sessions\{.*host_type="{{Domain}}".*\} 1$""", said);
                Assert.Matches("""(?m)^planted_seconds_bucket\{.*le="0.0025"\} 0$""", said);
                Assert.Matches("""(?m)^planted_seconds_bucket\{.*le="0.005"\} 1$""", said);
                Assert.Matches("""(?m)^planted_microseconds_bucket\{.*le="2500"\} 0$""", said);
                Assert.Matches("""(?m)^planted_microseconds_bucket\{.*le="5000"\} 1$""", said);
            }

            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            while (server.Context!.Sessions.Count > 0)
            {
                await Task.Delay(5, patience.Token);
            }

            string after;
            do // an answer is kept for a moment
            {
                await Task.Delay(50, patience.Token);
                after = await http.GetStringAsync(metrics, patience.Token);
            }
            while (!Regex.IsMatch(after, $$"""(?m)^meerkat_sessions\{.*host_type="{{Domain}}".*\} 0$"""));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(Func<Uri, HttpClient, Task> test, string modules = "\n[modules.mod_offline]\n[modules.mod_mam.pm]\n")
    {
        var folder = Directory.CreateTempSubdirectory("meerkat-metrics-");
        try
        {
            await using var server = new MeerkatServer(Loading.With(Toml + modules).Accepted, new DataFolder(folder.FullName), TimeProvider.System, NullLoggerFactory.Instance);
            await server.StartAsync(TestContext.Current.CancellationToken);
            using var http = new HttpClient();
            await test(new Uri(Regex.Match(server.Listening[1], @"http://\S+").Value), http);
            await server.StopAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
