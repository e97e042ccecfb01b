using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Server.Configuration;

/// <summary><c>[instrumentation.otlp]</c>: metrics, traces and logs go to a collector of OpenTelemetry. Ours: the reference has nothing like it.</summary>
public sealed record OtlpOptions : IValidatableObject
{
    /// <summary><c>endpoint</c>: where the collector listens. Absent: <c>http://localhost:4318</c> for <c>http/protobuf</c>, where <c>/v1/metrics</c> and so on come behind it, <c>http://localhost:4317</c> for <c>grpc</c>. A certificate must be trusted by the system.</summary>
    [CollectorUrl]
    public string? Endpoint { get; init; }

    /// <summary><c>protocol</c>: how the collector is spoken to. Default <c>http/protobuf</c>, as OpenTelemetry has it.</summary>
    public OtlpProtocol Protocol { get; init; } = OtlpProtocol.HttpProtobuf;

    /// <summary><c>headers</c>: sent along with each request, by name: what the collector knows this server by. Secrets.</summary>
    [NonEmpty, Secret]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary><c>signals</c>: what is sent. Default all three.</summary>
    [NonEmptyList, Unique]
    public IReadOnlyList<OtlpSignal> Signals { get; init; } = [OtlpSignal.Metrics, OtlpSignal.Traces, OtlpSignal.Logs];

    /// <summary><c>interval</c>: how often metrics are sent, in seconds. Default 60. Traces and logs are sent every 5 s, or when 512 wait.</summary>
    [AtLeast(1), Unit(TimeUnit.Seconds)]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>timeout</c>: how long the collector may take for a request, in milliseconds. Default 10 000. What it has not taken by then is thrown away.</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>sampling_ratio</c>: which part of the clients' stanzas is traced, from 0 (none) to 1 (all). Default 0.01, one in a hundred.</summary>
    public double SamplingRatio { get; init; } = 0.01;

    /// <summary><c>resource</c>: attributes by which the collector tells servers apart, beside <c>service.name</c> (<c>meerkat</c>, unless it is said here), <c>service.version</c> and <c>service.instance.id</c>.</summary>
    [NonEmpty]
    public IReadOnlyDictionary<string, string> Resource { get; init; } = new Dictionary<string, string>();

    /// <summary>A ratio is between nothing and all, and a header can be sent.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SamplingRatio is < 0 or > 1)
        {
            yield return new ConfigRule("must be between 0 and 1", nameof(SamplingRatio), "invalid_value");
        }

        if (Headers.Any(header => !IsToken(header.Key) || header.Value.Any(c => c is < ' ' or > '~')))
        {
            yield return new ConfigRule("has a header that HTTP cannot send", nameof(Headers), "invalid_value");
        }
    }

    // RFC 9110 §5.6.2
    private static bool IsToken(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}

/// <summary>How a collector is spoken to.</summary>
public enum OtlpProtocol
{
    /// <summary>HTTP with bodies of protobuf.</summary>
    [ConfigName("http/protobuf")]
    HttpProtobuf,

    /// <summary>gRPC, over HTTP/2.</summary>
    Grpc,
}

/// <summary>What is sent to a collector.</summary>
public enum OtlpSignal
{
    /// <summary>Metrics.</summary>
    Metrics,

    /// <summary>Traces of stanzas.</summary>
    Traces,

    /// <summary>Entries of the log, as far as its level goes.</summary>
    Logs,
}

/// <summary>Where a collector listens.</summary>
public sealed class CollectorUrlAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "\"http[s]://name[:port][/path]\"";

    /// <inheritdoc/>
    public override string? Accept(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0 ? value : null;
}
