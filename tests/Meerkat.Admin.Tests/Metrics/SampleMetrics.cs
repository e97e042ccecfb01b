using Meerkat.Admin.Metrics;

namespace Meerkat.Admin.Tests.Metrics;

/// <summary>Metrics as this server's exporter writes them, of two host types.</summary>
internal sealed class SampleMetrics : IMetricsText
{
    /// <summary>How many sessions of one.test were opened.</summary>
    public int Opened { get; set; } = 7;

    public ValueTask<string> ReadAsync(CancellationToken ct) => new($$"""
        # TYPE target_info gauge
        # HELP target_info Target metadata
        target_info{service_name="meerkat"} 1
        # TYPE meerkat_sessions gauge
        # UNIT meerkat_sessions sessions
        # HELP meerkat_sessions Sessions.
        meerkat_sessions{otel_scope_name="Meerkat",otel_scope_version="1.0",host_type="one.test"} 3 1700000000000
        meerkat_sessions{otel_scope_name="Meerkat",otel_scope_version="1.0",host_type="two.test"} 4 1700000000000
        # TYPE meerkat_sessions_opened_total counter
        meerkat_sessions_opened_total{otel_scope_name="Meerkat",host_type="one.test"} {{Opened}} 1700000000000
        meerkat_sessions_opened_total{otel_scope_name="Meerkat",host_type="two.test"} 5 1700000000000
        # TYPE meerkat_stanzas_errors_total counter
        meerkat_stanzas_errors_total{otel_scope_name="Meerkat",direction="in",kind="message"} 2
        meerkat_stanzas_errors_total{otel_scope_name="Meerkat",direction="out",kind="message"} 9
        meerkat_stanzas_errors_total{otel_scope_name="Meerkat",direction="in",kind="iq"} 1
        # TYPE meerkat_log_entries_total counter
        meerkat_log_entries_total{level="a \"b\" \\ c\nd"} 1
        # TYPE meerkat_messages_duration_seconds histogram
        meerkat_messages_duration_seconds_bucket{otel_scope_name="Meerkat",le="0.001"} 50
        meerkat_messages_duration_seconds_bucket{otel_scope_name="Meerkat",le="0.002"} 90
        meerkat_messages_duration_seconds_bucket{otel_scope_name="Meerkat",le="0.01"} 100
        meerkat_messages_duration_seconds_bucket{otel_scope_name="Meerkat",le="+Inf"} 100
        meerkat_messages_duration_seconds_sum{otel_scope_name="Meerkat"} 0.15
        meerkat_messages_duration_seconds_count{otel_scope_name="Meerkat"} 100
        # EOF

        """.Replace("\r", "", StringComparison.Ordinal));
}
