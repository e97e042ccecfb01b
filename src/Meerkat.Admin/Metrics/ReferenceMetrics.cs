namespace Meerkat.Admin.Metrics;

/// <summary>What the reference's interfaces call a metric (GQA §6, <c>MetricType</c>).</summary>
internal enum MetricType
{
    /// <summary>A counter, with what was added in the last minute.</summary>
    Spiral,

    /// <summary>A number that goes up and down by what happens.</summary>
    Counter,

    /// <summary>A number that is looked up.</summary>
    Gauge,

    /// <summary>A distribution.</summary>
    Histogram,
}

/// <summary>A metric of the reference, and where it is here.</summary>
/// <param name="Event">The event, the first part of the reference's name.</param>
/// <param name="Metric">The metric of the event, the second part.</param>
/// <param name="Type">What it is in the reference's interfaces.</param>
/// <param name="Family">Its name here, as Prometheus sees it. That of a histogram stands for the number of its records where the type is no histogram.</param>
/// <param name="Label">Only series with this label, or these with commas between...</param>
/// <param name="LabelValue">...of this value, or these; null for all.</param>
internal sealed record ReferenceMetric(string Event, string Metric, MetricType Type, string Family, string? Label = null, string? LabelValue = null);

/// <summary>The metrics of the reference whose feature exists here (OPS-105 to OPS-134). Made by one table, which the documentation is checked against.</summary>
internal static class ReferenceMetrics
{
    /// <summary>The table, in the order of the specification.</summary>
    public static IReadOnlyList<ReferenceMetric> All { get; } =
    [
        Spiral("sm_session", "logins", "meerkat_sessions_opened_total"),
        Spiral("sm_session", "logouts", "meerkat_sessions_closed_total"),
        Counter("sm_session", "count", "meerkat_sessions"),
        Gauge("sm_total_sessions", "count", "meerkat_sessions"),
        Gauge("sm_unique_sessions", "count", "meerkat_accounts_online"),
        Gauge("sm_node_sessions", "count", "meerkat_sessions"),
        Spiral("sm_message_bounced", "count", "meerkat_messages_bounced_total"),
        Spiral("sm_presence_subscription", "subscription_count", "meerkat_roster_subscriptions_total", "change", "subscribed"),
        Spiral("sm_presence_subscription", "unsubscription_count", "meerkat_roster_subscriptions_total", "change", "unsubscribed"),
        Histogram("c2s_message_processed", "time", "meerkat_messages_duration_seconds"),
        Spiral("c2s_auth_failed", "count", "meerkat_authentications_total", "outcome", "failure"),
        Spiral("router_stanza_dropped", "count", "meerkat_router_dropped_total"),
        Spiral("router_no_route_found", "count", "meerkat_router_no_route_total"),
        .. Elements("xmpp_element_in", "meerkat_stanzas_received_total", "in"),
        .. Elements("xmpp_element_out", "meerkat_stanzas_sent_total", "out"),
        Spiral("tcp_data_in", "byte_size", "meerkat_network_received_bytes_total", "transport", "tcp"),
        Spiral("tcp_data_out", "byte_size", "meerkat_network_sent_bytes_total", "transport", "tcp"),
        Spiral("tls_data_in", "byte_size", "meerkat_network_received_bytes_total", "transport", "tls"),
        Spiral("tls_data_out", "byte_size", "meerkat_network_sent_bytes_total", "transport", "tls"),
        Spiral("bosh_data_received", "byte_size", "bosh_data_received_bytes_total"),
        Spiral("bosh_data_sent", "byte_size", "bosh_data_sent_bytes_total"),
        Spiral("websocket_data_received", "byte_size", "meerkat_network_received_bytes_total", "transport", "websocket"),
        Spiral("websocket_data_sent", "byte_size", "meerkat_network_sent_bytes_total", "transport", "websocket"),
        .. Timed("auth_authorize"),
        .. Timed("auth_check_password"),
        .. Timed("auth_try_register"),
        .. Timed("auth_does_user_exist"),
        Spiral("auth_register_user", "count", "auth_register_user_total"),
        Spiral("auth_unregister_user", "count", "auth_unregister_user_total"),
        Spiral("auth_anonymous_register_user", "count", "auth_anonymous_register_user_total"),
        Spiral("auth_anonymous_unregister_user", "count", "auth_anonymous_unregister_user_total"),
        Spiral("mod_roster_get", "count", "meerkat_roster_gets_total"),
        Spiral("mod_roster_set", "count", "meerkat_roster_sets_total"),
        Spiral("mod_roster_push", "count", "meerkat_roster_pushes_total"),
        Spiral("mod_privacy_get", "count", "meerkat_privacy_requests_total", "operation", "get"),
        Spiral("mod_privacy_set", "count", "meerkat_privacy_requests_total", "operation", "set"),
        Spiral("mod_privacy_set", "active_count", "meerkat_privacy_requests_total", "operation", "active"),
        Spiral("mod_privacy_set", "default_count", "meerkat_privacy_requests_total", "operation", "default"),
        Spiral("mod_privacy_push_item", "count", "meerkat_privacy_pushes_total"),
        Spiral("mod_privacy_check_packet", "count", "meerkat_privacy_checks_total"),
        Spiral("mod_privacy_check_packet", "denied_count", "meerkat_privacy_checks_total", "outcome", "deny"),
        Spiral("mod_privacy_check_packet", "blocked_count", "meerkat_privacy_checks_total", "outcome", "block"),
        Spiral("mod_csi_active", "count", "meerkat_csi_changes_total", "state", "active"),
        Spiral("mod_csi_inactive", "count", "meerkat_csi_changes_total", "state", "inactive"),
        Spiral("mod_ping_response", "count", "meerkat_ping_response_time_seconds"),
        Histogram("mod_ping_response", "time", "meerkat_ping_response_time_seconds"),
        Spiral("mod_ping_response_timeout", "count", "meerkat_ping_timeouts_total"),
        Spiral("mod_disco_roster_get", "count", "meerkat_disco_account_items_total"),
        Counter("user_cache_lookup", "hits", "user_cache_lookup_hits"),
        Counter("user_cache_lookup", "misses", "user_cache_lookup_misses"),
        Histogram("user_cache_lookup", "latency", "user_cache_lookup_latency_microseconds"),
        Gauge("async_pool_queue_lengths", "total", "meerkat_mam_waiting"),
        Gauge("wpool_queue_lengths", "total", "meerkat_storage_pool_waiting"),
        Gauge("system_up_time", "seconds", "meerkat_uptime_seconds"),
        Gauge("system_tcp_ports", "count", "meerkat_connections"),
        Gauge("system_process_queue_lengths", "total", "dotnet_thread_pool_queue_length_total"),
        Gauge("system_memory", "total", "dotnet_process_memory_working_set_bytes"),
        Gauge("tls_cert_remaining_days", "count", "meerkat_tls_certificate_remaining_days"),
        Gauge("mod_muc_rooms", "online", "meerkat_muc_rooms_online"),
        Gauge("mod_muc_rooms", "hibernated", "meerkat_muc_rooms_hibernated"),
        Spiral("mod_muc_hibernations", "count", "meerkat_muc_hibernations_total"),
        Spiral("mod_muc_deep_hibernations", "count", "meerkat_muc_deep_hibernations_total"),
        Spiral("mod_muc_process_recreations", "count", "meerkat_muc_process_recreations_total"),
        .. Archive("pm"),
        Spiral("mod_mam_pm_lookup", "simple", "meerkat_mam_lookup_size", "form,kind", "simple,pm"),
        .. Archive("muc"),
    ];

    /// <summary>Events of the specification that there are not, and why.</summary>
    public static IReadOnlyList<(string Events, string Why)> Absent { get; } =
    [
        ("`s2s_auth_failed`, `component_auth_failed`", "counted with those streams"),
        ("`xmpp_element_in`, `xmpp_element_out`: `byte_size`", "`meerkat_network_*_bytes_total` divided by the number of stanzas: a distribution would cost each stanza more than routing it may"),
        ("`wpool_rdbms_stats`, `wpool_global_rdbms_stats`", "the drivers do not tell bytes; `meerkat_storage_pool_*` and `meerkat_storage_duration_seconds` tell what the pools do"),
        ("`wpool_rabbit_*`, `wpool_global_rabbit_*`", "no such pools yet"),
        ("`wpool_global_queue_lengths`", "as `wpool_queue_lengths`; and `meerkat_redis_waiting`, `meerkat_cassandra_waiting`, `meerkat_http_pool_in_flight`, `meerkat_storage_writes_waiting`"),
        ("`async_pool_flush`, `async_pool_request`", "`meerkat_mam_flush_duration_seconds`, `meerkat_mam_flush_size`, `meerkat_mam_archived_total`; `meerkat_inbox_written_total`, `meerkat_inbox_waiting`"),
        ("`mod_*_rdbms`, `mod_*_mnesia` and other back-ends", "`meerkat_storage_duration_seconds` and `meerkat_storage_failed_total`, by `store` and `operation`"),
        ("`mod_mam_*_archive_message`: `time`, `mod_mam_*_flushed`: `time_per_message`", "messages are written in batches: `meerkat_mam_flush_duration_seconds`, `meerkat_mam_flush_size`"),
        ("`hook_*`", "hooks of this server have other names; traces show them"),
        ("`mnesia_info`, `cets_info`, `system_dist_data`, `system_info`, the parts of `system_memory`", "of the reference's virtual machine; `dotnet_*` tells of this one"),
        ("`mod_blocklist_*`, `mod_broadcast_*`, `mod_global_distrib_*`", "no such modules yet"),
    ];

    private static ReferenceMetric Spiral(string name, string metric, string family, string? label = null, string? value = null) => new(name, metric, MetricType.Spiral, family, label, value);

    private static ReferenceMetric Counter(string name, string metric, string family) => new(name, metric, MetricType.Counter, family);

    private static ReferenceMetric Gauge(string name, string metric, string family) => new(name, metric, MetricType.Gauge, family);

    private static ReferenceMetric Histogram(string name, string metric, string family, string? label = null, string? value = null) => new(name, metric, MetricType.Histogram, family, label, value);

    private static IEnumerable<ReferenceMetric> Timed(string name) => [Spiral(name, "count", $"{name}_microseconds"), Histogram(name, "time", $"{name}_microseconds")];

    private static IEnumerable<ReferenceMetric> Elements(string name, string family, string direction)
    {
        yield return Spiral(name, "count", family);
        yield return Spiral(name, "stanza_count", family);
        foreach (var kind in new[] { "message", "iq", "presence" })
        {
            yield return Spiral(name, $"{kind}_count", family, "kind", kind);
        }

        yield return Spiral(name, "error_count", "meerkat_stanzas_errors_total", "direction", direction);
        foreach (var kind in new[] { "message", "iq", "presence" })
        {
            yield return Spiral(name, $"{kind}_error_count", "meerkat_stanzas_errors_total", "direction,kind", $"{direction},{kind}");
        }
    }

    private static IEnumerable<ReferenceMetric> Archive(string kind) =>
    [
        Spiral($"mod_mam_{kind}_archive_message", "count", "meerkat_mam_archived_total", "kind", kind),
        Spiral($"mod_mam_{kind}_lookup", "count", "meerkat_mam_lookup_size", "kind", kind),
        Histogram($"mod_mam_{kind}_lookup", "size", "meerkat_mam_lookup_size", "kind", kind),
        Histogram($"mod_mam_{kind}_lookup", "time", "meerkat_mam_lookup_duration_seconds", "kind", kind),
        Spiral($"mod_mam_{kind}_get_prefs", "count", "meerkat_mam_preferences_total", "kind,operation", $"{kind},get"),
        Spiral($"mod_mam_{kind}_set_prefs", "count", "meerkat_mam_preferences_total", "kind,operation", $"{kind},set"),
        Spiral($"mod_mam_{kind}_remove_archive", "count", "meerkat_mam_archives_removed_total", "kind", kind),
        Spiral($"mod_mam_{kind}_dropped", "count", "meerkat_mam_dropped_total", "kind", kind),
        Spiral($"mod_mam_{kind}_dropped_iq", "count", "meerkat_mam_refused_total", "kind", kind),
        Spiral($"mod_mam_{kind}_flushed", "count", "meerkat_mam_flush_duration_seconds", "kind", kind),
        Histogram($"mod_mam_{kind}_flushed", "time", "meerkat_mam_flush_duration_seconds", "kind", kind),
    ];
}
