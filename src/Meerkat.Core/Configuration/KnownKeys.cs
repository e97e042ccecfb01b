using System.Reflection;
using static Meerkat.Core.Configuration.KnownKeyKind;

namespace Meerkat.Core.Configuration;

/// <summary>The reference's keys that no options record serves, and what becomes of each. Everything else that no record knows is unknown.</summary>
/// <remarks>A row that starts to be served moves out of here into a record. Paths below <c>host_config</c> are looked up as if they stood at the top.</remarks>
internal static class KnownKeys
{
    private const string VirtualMachine = "it tunes the reference's virtual machine";

    private static readonly KnownKey[] Rows =
    [
        // Tuning of another machine, or what is fixed here: accepted, checked, without effect.
        new(NoEffect, "general.s2s_backend", "there is no federation table to keep yet", nameof(KeyShapes.Replicated)),
        new(NoEffect, "general.component_backend", "there is no component table to keep yet", nameof(KeyShapes.Replicated)),
        new(NoEffect, "general.routing_modules", "the order is fixed: what is served here first, and there is no other route yet", nameof(KeyShapes.Routers)),
        new(NoEffect, "general.max_fsm_queue", VirtualMachine, nameof(KeyShapes.Positive)),
        new(NoEffect, "listen.*.hibernate_after", VirtualMachine, nameof(KeyShapes.NonNegativeOrInfinity)),
        new(NoEffect, "listen.c2s.num_acceptors", "one loop accepts for each listener", nameof(KeyShapes.Positive)),
        new(NoEffect, "listen.http.transport.num_acceptors", "one loop accepts for each listener", nameof(KeyShapes.Positive)),
        new(NoEffect, "listen.*.tls.session_tickets", "the platform's TLS offers tickets by itself", nameof(KeyShapes.SessionTickets)),
        new(NoEffect, "auth.rdbms.users_number_estimate", "accounts are counted, not estimated", nameof(KeyShapes.Boolean)),
        new(NoEffect, "internal_databases.cets.backend", "the nodes find each other by [cluster]", nameof(KeyShapes.Cluster)),
        new(NoEffect, "internal_databases.cets.cluster_name", "the cluster's name is cluster.name", nameof(KeyShapes.Text)),
        new(NoEffect, "internal_databases.cets.node_list_file", "the nodes find each other by [cluster]", nameof(KeyShapes.Text)),
        new(NoEffect, "outgoing_pools.rdbms.*.strategy", "a request takes whichever connection is free", null),
        new(NoEffect, "outgoing_pools.http.*.strategy", "a request takes whichever connection is free", null),
        new(NoEffect, "outgoing_pools.http.*.scope", "connections have nothing that hosts could not share", null),
        new(NoEffect, "outgoing_pools.redis.*.strategy", "one connection carries all requests", null),
        new(NoEffect, "outgoing_pools.redis.*.scope", "the table of sessions is the whole server's", null),
        new(NoEffect, "outgoing_pools.cassandra.*.strategy", "a request takes the connection that carries the fewest", null),
        new(NoEffect, "outgoing_pools.*.*.connection.tls.disconnect_on_failure", "a connection whose certificate is refused is never used", nameof(KeyShapes.Boolean)),
        new(NoEffect, "instrumentation.probe_interval", "gauges are read when they are asked for", nameof(KeyShapes.Positive)),
        new(NoEffect, "services.service_mongoose_system_metrics", "this server reports to nobody (CONF-188)", nameof(KeyShapes.UsageReport)),
        new(NoEffect, "modules.*.iqdisc", "stanzas of one sender are always handled in order", nameof(KeyShapes.IqDiscipline)),

        // Not possible here.
        new(NotAvailable, "listen.*.tls.ciphers", "the platform's TLS takes no OpenSSL cipher string; its policy is the system's", null),
        new(NotAvailable, "listen.*.tls.dhfile", "the platform's TLS chooses its own groups", null),
        new(NotAvailable, "listen.*.tls.early_data", "the platform's TLS has no early data", null),
        new(NotAvailable, "listen.*.tls.keep_secrets", "the platform's TLS does not give its secrets away", null),
        new(NotAvailable, "outgoing_pools.*.*.connection.tls.ciphers", "the platform's TLS takes no OpenSSL cipher string; its policy is the system's", null),
        new(NotAvailable, "outgoing_pools.*.*.connection.tls.crl_files", "revocation lists in files are not read", null),
        new(NotAvailable, "outgoing_pools.*.*.connection.tls.keep_secrets", "the platform's TLS does not give its secrets away", null),
        new(NotAvailable, "instrumentation.exometer", "metrics are served to Prometheus or sent by OTLP ([instrumentation.otlp]), not to Graphite", null),
        new(NotAvailable, "instrumentation.log", "metrics are served to Prometheus, not logged", null),

        // Not built yet.
        new(NotAvailable, "general.route_subdomains", "federation is not built yet", null),
        new(NotAvailable, "listen.s2s", "federation is not built yet", null),
        new(NotAvailable, "listen.component", "external components are not built yet", null),
        new(NotAvailable, "auth.external", "authentication by a program is not built yet", null),
        new(NotAvailable, "auth.ldap", "authentication by LDAP is not built yet", null),
        new(NotAvailable, "outgoing_pools.ldap", "LDAP is not used yet", null),
        new(NotAvailable, "outgoing_pools.elastic", "Elasticsearch is not used yet", null),
        new(NotAvailable, "outgoing_pools.rabbit", "RabbitMQ is not used yet", null),
        new(NotAvailable, "s2s", "federation is not built yet", null),

        new(NotAvailable, "modules.mod_vcard.ldap", "vCards from LDAP are not built yet", null),

        // Modules: a row counts only while no module of that name is in the catalogue.
        new(NotAvailable, "modules.mod_amp", "advanced message processing (XEP-0079) is not built yet", null),
        new(NotAvailable, "modules.mod_auth_token", "authentication tokens are not built yet", null),
        new(NotAvailable, "modules.mod_bind2", "Bind 2 (XEP-0386) is not built yet", null),
        new(NotAvailable, "modules.mod_blocklist", "the administrative ban list is not built yet", null),
        new(NotAvailable, "modules.mod_broadcast", "announcements to all users are not built yet", null),
        new(NotAvailable, "modules.mod_event_pusher", "delivery of events to other services is not built yet", null),
        new(NotAvailable, "modules.mod_external_filter", "the external message check is not built yet", null),
        new(NotAvailable, "modules.mod_fast_auth_token", "FAST tokens (XEP-0484) are not built yet", null),
        new(NotAvailable, "modules.mod_global_distrib", "distribution over data centres is not built yet", null),
        new(NotAvailable, "modules.mod_keystore", "the key store is not built yet", null),
        new(NotAvailable, "modules.mod_pubsub", "publish-subscribe (XEP-0060) is not built yet", null),
        new(NotAvailable, "modules.mod_pubsub_old", "publish-subscribe (XEP-0060) is not built yet", null),
        new(NotAvailable, "modules.mod_push_service_mongoosepush", "push notifications (XEP-0357) are not built yet", null),
        new(NotAvailable, "modules.mod_sasl2", "SASL2 (XEP-0388) is not built yet", null),
        new(NotAvailable, "modules.mod_shared_roster_ldap", "rosters from LDAP are not built yet", null),

        // Keys of modules that are here.
        new(NotAvailable, "modules.mod_mam.is_archivable_message", "what is archived is decided by MAM-011; a plug-in of the reference cannot be loaded", null),
        new(NotAvailable, "modules.mod_mam.send_message", "a plug-in of the reference cannot be loaded", null),
        new(NotAvailable, "modules.mod_mam.extra_fin_element", "a plug-in of the reference cannot be loaded", null),
        new(NotAvailable, "modules.mod_mam.extra_lookup_params", "a plug-in of the reference cannot be loaded", null),
        new(NoEffect, "modules.mod_mam.db_jid_format", "the tables are this server's own", nameof(KeyShapes.Text)),
        new(NoEffect, "modules.mod_mam.db_message_format", "messages are kept as the bytes of the stanza", nameof(KeyShapes.Text)),
        new(NoEffect, "modules.mod_mam.cache_users", "the ids of owners are always kept in memory", nameof(KeyShapes.Boolean)),
        new(NotAvailable, "modules.mod_mam.pm.is_archivable_message", "what is archived is decided by MAM-011; a plug-in of the reference cannot be loaded", null),
        new(NotAvailable, "modules.mod_mam.pm.send_message", "a plug-in of the reference cannot be loaded", null),
        new(NotAvailable, "modules.mod_mam.pm.extra_fin_element", "a plug-in of the reference cannot be loaded", null),
        new(NotAvailable, "modules.mod_mam.pm.extra_lookup_params", "a plug-in of the reference cannot be loaded", null),
        new(NoEffect, "modules.mod_mam.pm.db_jid_format", "the tables are this server's own", nameof(KeyShapes.Text)),
        new(NoEffect, "modules.mod_mam.pm.db_message_format", "messages are kept as the bytes of the stanza", nameof(KeyShapes.Text)),
        new(NoEffect, "modules.mod_mam.pm.cache_users", "the ids of owners are always kept in memory", nameof(KeyShapes.Boolean)),
        new(NotAvailable, "modules.mod_mam.muc.is_archivable_message", "what is archived is decided by MAM-011; a plug-in of the reference cannot be loaded", null),
        new(NotAvailable, "modules.mod_mam.muc.send_message", "a plug-in of the reference cannot be loaded", null),
        new(NotAvailable, "modules.mod_mam.muc.extra_fin_element", "a plug-in of the reference cannot be loaded", null),
        new(NotAvailable, "modules.mod_mam.muc.extra_lookup_params", "a plug-in of the reference cannot be loaded", null),
        new(NoEffect, "modules.mod_mam.muc.db_jid_format", "the tables are this server's own", nameof(KeyShapes.Text)),
        new(NoEffect, "modules.mod_mam.muc.db_message_format", "messages are kept as the bytes of the stanza", nameof(KeyShapes.Text)),
        new(NoEffect, "modules.mod_mam.muc.cache_users", "the ids of owners are always kept in memory", nameof(KeyShapes.Boolean)),
        new(NoEffect, "modules.mod_mam.cache.module", "the ids of owners are kept in memory, a bounded number of them", nameof(KeyShapes.Text)),
        new(NoEffect, "modules.mod_mam.cache.strategy", "the ids of owners are kept in memory, a bounded number of them", nameof(KeyShapes.Text)),
        new(NoEffect, "modules.mod_mam.cache.time_to_live", "the ids of owners are kept in memory, a bounded number of them", nameof(KeyShapes.PositiveOrInfinity)),
        new(NoEffect, "modules.mod_mam.cache.number_of_segments", "the ids of owners are kept in memory, a bounded number of them", nameof(KeyShapes.Positive)),
        new(NoEffect, "modules.mod_disco.users_can_see_hidden_services", "there are no external components to hide yet", nameof(KeyShapes.Boolean)),
        new(NoEffect, "modules.mod_caps.backend", "capabilities are kept with the session", nameof(KeyShapes.Replicated)),

        // Gone from the reference.
        new(Removed, "general.rdbms_server_type", "since 6.6 the driver of the pool says it (CONF-308)", null),
        new(Removed, "listen.http.handlers.mod_bosh", "since 6.6 it is mongoose_bosh_handler (CONF-308)", null),
        new(Removed, "listen.http.handlers.mod_websockets", "since 6.6 it is mongoose_websocket_handler (CONF-308)", null),
        new(Removed, "services.service_translations", "since 6.8 texts are not translated (CONF-310)", null),
        new(Removed, "modules.mod_bosh", "since 6.6 it is services.service_bosh (CONF-308)", null),
        new(Removed, "modules.mod_jingle_sip", "removed in 6.7 (CONF-309)", null),
        new(Removed, "modules.mod_caps.cache_size", "removed in 6.7 (CONF-309)", null),
        new(Removed, "modules.mod_caps.cache_life_time", "removed in 6.7 (CONF-309)", null),
        new(Removed, "modules.mod_muc_log", "removed in 6.8 (CONF-310)", null),

        // One value for the whole server (CONF-032, CONF-045).
        .. new[]
        {
            "loglevel", "hosts", "host_types", "default_server_domain", "language", "registration_timeout", "hide_service_name", "sm_backend", "s2s_backend",
            "component_backend", "routing_modules", "http_server_name", "max_fsm_queue",
        }.Select(key => new KnownKey(GlobalOnly, $"host_config.general.{key}", "the whole server has one", null)),
        new(GlobalOnly, "host_config.outgoing_pools.redis", "the table of sessions is the whole server's", null),
        new(GlobalOnly, "host_config.outgoing_pools.*.*.scope", "the pool is the host's own", null),
    ];

    /// <summary>The row of a path, or null. What <c>host_config</c> forbids goes first.</summary>
    public static KnownKey? Find(string path)
    {
        var keys = ConfigPath.Split(path);
        return Array.Find(Rows, r => ConfigPath.Matches(r.Keys, keys))
            ?? (keys is ["host_config", .. var below] ? Array.Find(Rows, r => ConfigPath.Matches(r.Keys, below)) : null);
    }

    /// <summary>Whether keys below a section are known, though the section itself is nobody's.</summary>
    public static bool Below(string path) => Array.Exists(Rows, r => ConfigPath.Matches(r.Keys, Local(path), prefix: true));

    /// <summary>The names known just below a path, for suggestions; removed ones are not suggested.</summary>
    public static IEnumerable<string> Names(string path)
    {
        var keys = Local(path);
        return Rows
            .Where(r => r.Kind is NoEffect or NotAvailable && ConfigPath.Matches(r.Keys, keys, prefix: true) && r.Keys[keys.Length] != "*")
            .Select(r => r.Keys[keys.Length]);
    }

    /// <summary>All rows of a kind, for the documentation and its test.</summary>
    public static IEnumerable<KnownKey> Of(KnownKeyKind kind) => Rows.Where(r => r.Kind == kind);

    /// <summary>What the value of a key without effect must look like.</summary>
    public static PropertyInfo ShapeOf(KnownKey key) =>
        typeof(KeyShapes).GetProperty(key.Shape ?? throw new InvalidOperationException($"{key.Path}: no record and no shape."))!;

    private static string[] Local(string path) => ConfigPath.Split(path) is ["host_config", .. var below] ? below : ConfigPath.Split(path);
}
