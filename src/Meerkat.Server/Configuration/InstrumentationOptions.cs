namespace Meerkat.Server.Configuration;

/// <summary>Which metrics are served, and what is sent to whom: the <c>[instrumentation]</c> section (CONF-189 to CONF-199).</summary>
public sealed record InstrumentationOptions
{
    /// <summary><c>prometheus</c>: null when metrics are not served.</summary>
    public PrometheusOptions? Prometheus { get; init; }

    /// <summary><c>otlp</c>: metrics, traces and logs for a collector of OpenTelemetry. Ours. Null when nothing is sent.</summary>
    public OtlpOptions? Otlp { get; init; }
}

/// <summary><c>[instrumentation.prometheus]</c>: takes no keys; the path is that of the HTTP handler.</summary>
public sealed record PrometheusOptions;
