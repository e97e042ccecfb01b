using System.Diagnostics.Metrics;
using System.Net;
using System.Text.RegularExpressions;
using Meerkat.Server.Running;
using Meerkat.Server.Tests.Configuration;
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
}
