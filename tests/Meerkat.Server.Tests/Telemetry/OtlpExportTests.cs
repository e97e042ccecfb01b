using Meerkat.Server.Telemetry;
using Meerkat.Server.Tests.Configuration;
using Meerkat.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Server.Tests.Telemetry;

/// <summary>OTLP to a collector that is there, dies, comes back, or never answers.</summary>
public sealed class OtlpExportTests
{
    [Theory]
    [InlineData("http/protobuf", HttpProtocols.Http1)]
    [InlineData("grpc", HttpProtocols.Http2)]
    public async Task Metrics_traces_and_logs_reach_the_collector(string protocol, HttpProtocols protocols)
    {
        await using var collector = await Collector.StartAsync(protocols);
        var toml = $$"""
            [instrumentation.otlp]
            endpoint = "{{collector.Address}}"
            protocol = "{{protocol}}"
            headers = {x-token = "for us, only"}
            interval = 1
            sampling_ratio = 1
            resource = {"deployment.environment" = "test"}
            """;
        using var export = Export(toml);
        using var loggers = Loggers(export, out _);
        export.Start(loggers);
        await using var server = await TracedServer.StartAsync(toml, loggers);
        await using var alice = await server.ConnectAsync("aliceotlp");
        await alice.SendAsync("<iq type='set' id='otlp-1'><query xmlns='jabber:iq:private'><n xmlns='app:n'>milk</n></query></iq>");
        await alice.ExpectAsync("<iq type='result' id='otlp-1'/>");

        // opentelemetry/proto/trace/v1: ResourceSpans 1, resource 1, scope_spans 2, spans 2; of a span trace_id 1, span_id 2, parent_span_id 4, name 5, kind 6, attributes 9.
        await Collector.UntilAsync(() => Roots().Any(), "the trace");
        var root = Roots().First();
        Assert.Equal("aliceotlp@traced.example", Text(root, "xmpp.from"));
        Assert.Equal(2UL, root.Number(6)); // SPAN_KIND_SERVER
        await Collector.UntilAsync(() => Below("iq handler") is { } && Below("sql write") is { }, "the spans below");
        Assert.Equal(Hex(root.Bytes(2)), Hex(Below("route")!.Bytes(4)));
        var resource = collector.Taken("traces").First().All(1, 1).Single().Attributes(1);
        Assert.Equal(("meerkat", "node-a", "test"), (resource["service.name"], resource["service.instance.id"], resource["deployment.environment"]));

        // opentelemetry/proto/metrics/v1: ResourceMetrics 1, scope_metrics 2, metrics 2; of a metric name 1, unit 3, sum 7; of a sum data_points 1; of a point as_int 6, attributes 7.
        await Collector.UntilAsync(() => Metric("dotnet.gc.collections").Any(), "the runtime's metrics");
        await Collector.UntilAsync( // what was sent before alice came counts none
            () => Metric("meerkat.sessions").SelectMany(metric => metric.All(7, 1)).Any(point => point.Attributes(7)["host_type"] == "traced.example" && point.Number(6) >= 1),
            "alice's session among the metrics");
        Assert.Equal("{session}", Metric("meerkat.sessions").First().Text(3));

        // opentelemetry/proto/logs/v1: ResourceLogs 1, scope_logs 2, log_records 2; of a record severity_text 3, body 5, attributes 6.
        await Collector.UntilAsync(() => Logs().Any(record => record.All(5).Single().Text(1).Contains("aliceotlp@traced.example", StringComparison.Ordinal)), "the log");
        Assert.All(collector.Headers, headers => Assert.Contains("x-token: for us, only", headers, StringComparison.OrdinalIgnoreCase));
        Assert.False(export.Watch.IsAway);

        IEnumerable<Protobuf> Roots() => collector.Spans.Where(span => span.Text(5) == "iq set" && Text(span, "xmpp.stanza.id") == "otlp-1");
        Protobuf? Below(string name) => collector.Spans.FirstOrDefault(span => span.Text(5) == name && Hex(span.Bytes(1)) == Hex(root.Bytes(1)));
        IEnumerable<Protobuf> Metric(string name) => collector.Taken("metrics").SelectMany(request => request.All(1, 2, 2)).Where(metric => metric.Text(1) == name);
        IEnumerable<Protobuf> Logs() => collector.Taken("logs").SelectMany(request => request.All(1, 2, 2));
    }

    [Fact]
    public async Task A_collector_that_dies_and_comes_back_harms_nobody_and_is_said_once_each()
    {
        await using var collector = await Collector.StartAsync();
        var toml = $"[instrumentation.otlp]\nendpoint = \"{collector.Address}\"\nsignals = [\"traces\", \"metrics\"]\ninterval = 1\nsampling_ratio = 1.0\n";
        using var export = Export(toml);
        using var loggers = Loggers(export, out var log);
        export.Start(loggers);
        await using var server = await TracedServer.StartAsync(toml, loggers);
        await using var alice = await server.ConnectAsync("aliceotlp2");
        await AskAsync("before");
        await Collector.UntilAsync(() => Has("before"), "a trace before");

        await collector.DieAsync();
        await Collector.UntilAsync(() => export.Watch.IsAway, "the failure");
        for (var i = 0; i < 50; i++)
        {
            await AskAsync($"meanwhile-{i}"); // as ever
        }

        await Collector.UntilAsync(() => export.Watch.Failures > 3, "further failures");
        Assert.Single(log.Entries, entry => entry.Text.Contains("does not take what is sent", StringComparison.Ordinal));

        await collector.StartAgainAsync();
        await Collector.UntilAsync(() => !export.Watch.IsAway, "the return");
        await AskAsync("afterwards");
        await Collector.UntilAsync(() => Has("afterwards"), "a trace afterwards");
        Assert.Single(log.Entries, entry => entry.Text.Contains("does not take what is sent", StringComparison.Ordinal));
        Assert.Single(log.Entries, entry => entry.Text.Contains("takes what is sent again", StringComparison.Ordinal));

        bool Has(string id) => collector.Spans.Any(span => span.Text(5) == "iq get" && Text(span, "xmpp.stanza.id") == id);

        async Task AskAsync(string id)
        {
            await alice.SendAsync($"<iq type='get' id='{id}'><query xmlns='jabber:iq:private'><n xmlns='app:n'/></query></iq>");
            await alice.ExpectAsync($"<iq type='result' id='{id}'/>");
        }
    }

    [Fact]
    public async Task A_collector_that_never_answers_holds_nobody_up()
    {
        await using var collector = await Collector.StartAsync();
        collector.IsSilent = true;
        var toml = $"[instrumentation.otlp]\nendpoint = \"{collector.Address}\"\nsignals = [\"traces\"]\ntimeout = 500\nsampling_ratio = 1.0\n";
        using var export = Export(toml);
        using var loggers = Loggers(export, out var log);
        export.Start(loggers);
        await using var server = await TracedServer.StartAsync(toml, loggers);
        await using var alice = await server.ConnectAsync("aliceotlp3");
        for (var i = 0; i < OtlpExport.MaxQueued; i++) // each has several spans: the queue overflows
        {
            await alice.SendAsync($"<iq type='get' id='q{i}'><query xmlns='jabber:iq:private'><n xmlns='app:n'/></query></iq>");
            await alice.ExpectAsync($"<iq type='result' id='q{i}'/>");
        }

        await Collector.UntilAsync(() => export.Watch.IsAway, "the failure");
        Assert.Single(log.Entries, entry => entry.Text.Contains("does not take what is sent", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("endpoint = \"ftp://a\"", "t.toml:3:1: instrumentation.otlp.endpoint: must be \"http[s]://name[:port][/path]\"; found the string \"ftp://a\"")]
    [InlineData("sampling_ratio = 1.5", "t.toml:3:1: instrumentation.otlp.sampling_ratio: must be between 0 and 1")]
    [InlineData("headers = {\"a b\" = \"secret\"}", "t.toml:3:1: instrumentation.otlp.headers: has a header that HTTP cannot send")]
    public void What_cannot_be_is_refused(string line, string expected) => Loading.With($"[instrumentation.otlp]\n{line}").TheError(expected);

    private static OtlpExport Export(string toml) => new(Loading.With(toml).Accepted.Instrumentation.Otlp!, "node-a") { Delay = TimeSpan.FromMilliseconds(100) };

    private static ILoggerFactory Loggers(OtlpExport export, out TestLog log)
    {
        var said = log = new TestLog();
        return LoggerFactory.Create(logging =>
        {
            export.AddTo(logging);
            logging.AddProvider(new Forward(said));
        });
    }

    private static string? Text(Protobuf span, string attribute) => span.All(9).FirstOrDefault(pair => pair.Text(1) == attribute)?.All(2).First().Text(1);

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexString(bytes.Span);

    private sealed class Forward(TestLog log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => log.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }
}
