using Meerkat.Core;
using Meerkat.Core.Tracing;
using Meerkat.Server.Configuration;
using Meerkat.Server.Running;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Meerkat.Server.Telemetry;

/// <summary>Sends metrics, traces and logs to a collector of OpenTelemetry, as <c>[instrumentation.otlp]</c> says.</summary>
/// <remarks>
/// Behind everything else: spans and log entries wait in queues of <see cref="MaxQueued"/> each, from which a thread of its own sends them; one that finds its queue full is thrown away, and so is what
/// the collector does not take. Metrics are totals, so that nothing of them is missing once it is back. <see cref="CollectorWatch"/> says when it goes and comes.
/// </remarks>
internal sealed class OtlpExport : IDisposable
{
    /// <summary>How many spans, and how many log entries, may wait.</summary>
    public const int MaxQueued = 2048;

    /// <summary>How many are sent in one request.</summary>
    public const int MaxBatch = 512;

    private readonly OtlpOptions _options;
    private readonly ResourceBuilder _resource;
    private readonly Uri _endpoint;
    private readonly CollectorWatch _watch;
    private readonly List<IDisposable> _providers = [];

    /// <summary>Prepares; nothing is sent yet.</summary>
    /// <param name="options">The section.</param>
    /// <param name="node">The name of this server among others.</param>
    public OtlpExport(OtlpOptions options, string node)
    {
        _options = options;
        _endpoint = new Uri(options.Endpoint ?? (options.Protocol is OtlpProtocol.Grpc ? "http://localhost:4317" : "http://localhost:4318"));
        _watch = new CollectorWatch(_endpoint);
        _resource = ResourceBuilder.CreateEmpty()
            .AddService("meerkat", serviceVersion: Product.Version, serviceInstanceId: node)
            .AddAttributes(options.Resource.Select(attribute => new KeyValuePair<string, object>(attribute.Key, attribute.Value)));
    }

    /// <summary>How long spans and log entries are gathered.</summary>
    internal TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How the collector does.</summary>
    internal CollectorWatch Watch => _watch;

    /// <summary>Adds what sends the entries of a log, where logs are wanted.</summary>
    public void AddTo(ILoggingBuilder logging)
    {
        if (!_options.Signals.Contains(OtlpSignal.Logs))
        {
            return;
        }

        logging.AddOpenTelemetry(entries =>
        {
            entries.SetResourceBuilder(_resource);
            entries.IncludeFormattedMessage = true;
            entries.AddProcessor(new BatchLogRecordExportProcessor(
                new OtlpLogExporter(Options("logs")), MaxQueued, Milliseconds(Delay), Milliseconds(_options.Timeout), MaxBatch));
        });
    }

    /// <summary>Starts to send metrics and traces, where they are wanted.</summary>
    /// <param name="loggers">Where it is said that the collector goes and comes.</param>
    public void Start(ILoggerFactory loggers)
    {
        _watch.Log = loggers.CreateLogger<OtlpExport>();
        if (_options.Signals.Contains(OtlpSignal.Metrics))
        {
            _providers.Add(Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(_resource)
                .AddMeter(Meters.All)
                .AddView(HistogramBounds.Of)
                .AddReader(new PeriodicExportingMetricReader(new OtlpMetricExporter(Options("metrics")), Milliseconds(_options.Interval), Milliseconds(_options.Timeout)))
                .Build());
            LogCounter.Begin();
        }

        // Which stanza is traced is decided where it comes in, so that the others cost nothing.
        if (_options.Signals.Contains(OtlpSignal.Traces) && _options.SamplingRatio > 0)
        {
            _providers.Add(Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(_resource)
                .SetSampler(new AlwaysOnSampler())
                .AddSource(StanzaTrace.SourceName)
                .AddProcessor(new BatchActivityExportProcessor(
                    new OtlpTraceExporter(Options("traces")), MaxQueued, Milliseconds(Delay), Milliseconds(_options.Timeout), MaxBatch))
                .Build());
        }
    }

    /// <summary>Sends what waits, as far as it can within a few seconds, and stops.</summary>
    public void Dispose()
    {
        foreach (var provider in _providers)
        {
            provider.Dispose();
        }

        _providers.Clear();
    }

    private OtlpExporterOptions Options(string signal) => new()
    {
        Endpoint = _options.Protocol is OtlpProtocol.Grpc ? _endpoint : new Uri($"{_endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal}"),
        Protocol = _options.Protocol is OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
        TimeoutMilliseconds = Milliseconds(_options.Timeout),
        HttpClientFactory = () => _watch.CreateClient(_options.Timeout, _options.Headers),
    };

    private static int Milliseconds(TimeSpan time) => (int)Math.Min(time.TotalMilliseconds, int.MaxValue);
}
