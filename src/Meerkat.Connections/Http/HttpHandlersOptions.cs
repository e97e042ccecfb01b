using Meerkat.Core.Configuration;

namespace Meerkat.Connections.Http;

/// <summary>What an HTTP listener serves: <c>[[listen.http.handlers.&lt;type&gt;]]</c> tables (CONF-092 to CONF-100).</summary>
public sealed record HttpHandlersOptions
{
    /// <summary><c>mongoose_websocket_handler</c>: XMPP over WebSocket (RFC 7395).</summary>
    [ConfigName("mongoose_websocket_handler")]
    public IReadOnlyList<WebSocketHandlerOptions> WebSocket { get; init; } = [];

    /// <summary><c>mongoose_graphql_handler</c>: administration, and what users may do, by GraphQL.</summary>
    [ConfigName("mongoose_graphql_handler")]
    public IReadOnlyList<GraphQLHandlerOptions> GraphQL { get; init; } = [];

    /// <summary><c>mongoose_admin_api</c>: administration by REST.</summary>
    [ConfigName("mongoose_admin_api")]
    public IReadOnlyList<AdminApiHandlerOptions> AdminApi { get; init; } = [];

    /// <summary><c>mongoose_client_api</c>: what users may do, by REST.</summary>
    [ConfigName("mongoose_client_api")]
    public IReadOnlyList<ClientApiHandlerOptions> ClientApi { get; init; } = [];

    /// <summary><c>mongoose_bosh_handler</c>: BOSH (XEP-0124, XEP-0206); needs <c>[services.service_bosh]</c>.</summary>
    [ConfigName("mongoose_bosh_handler")]
    public IReadOnlyList<BoshHandlerOptions> Bosh { get; init; } = [];

    /// <summary><c>mongoose_prometheus_handler</c>: metrics; needs <c>[instrumentation.prometheus]</c> (CONF-097).</summary>
    [ConfigName("mongoose_prometheus_handler")]
    public IReadOnlyList<PrometheusHandlerOptions> Prometheus { get; init; } = [];

    /// <summary><c>health</c>: whether the server lives (<c>live</c> below the path) and is ready (<c>ready</c>). Ours.</summary>
    public IReadOnlyList<HealthHandlerOptions> Health { get; init; } = [];

    /// <summary><c>webchat</c>: the web client. Ours.</summary>
    [ConfigName("webchat")]
    public IReadOnlyList<WebChatHandlerOptions> WebChat { get; init; } = [];

    /// <summary><c>webadmin</c>: the page for administrators; needs a <c>mongoose_graphql_handler</c> for <c>admin</c> or <c>domain_admin</c> on the same listener, which is what it talks to. Ours.</summary>
    [ConfigName("webadmin")]
    public IReadOnlyList<WebAdminHandlerOptions> WebAdmin { get; init; } = [];

    /// <summary><c>modules</c>: what modules serve over HTTP, below the path: host-meta, uploads. Ours.</summary>
    public IReadOnlyList<ModulesHandlerOptions> Modules { get; init; } = [];

    /// <summary>All handlers in the order in which the file defines them: within a host the first that matches serves (CONF-093).</summary>
    public IReadOnlyList<HttpHandlerOptions> InOrder =>
        [.. ((IEnumerable<HttpHandlerOptions>)[.. WebSocket, .. GraphQL, .. AdminApi, .. ClientApi, .. Bosh, .. Prometheus, .. Health, .. WebChat, .. WebAdmin, .. Modules]).OrderBy(h => h.Position.Line).ThenBy(h => h.Position.Column)];
}

/// <summary>What every handler has (CONF-092).</summary>
public abstract record HttpHandlerOptions
{
    /// <summary>The host that stands for any.</summary>
    public const string AnyHost = "_";

    /// <summary>Where the table stands.</summary>
    public ConfigPosition Position { get; init; }

    /// <summary><c>host</c>: the virtual host; <c>_</c> is any.</summary>
    [NonEmpty]
    public required string Host { get; init; }

    /// <summary><c>path</c>: the path, beginning with a slash.</summary>
    [HttpPath]
    public required string Path { get; init; }
}

/// <summary>XMPP over WebSocket: a <c>[[listen.http.handlers.mongoose_websocket_handler]]</c> table (CONF-095).</summary>
public sealed record WebSocketHandlerOptions : HttpHandlerOptions
{
    /// <summary><c>timeout</c>: in milliseconds, after which a connection on which nothing comes is closed; null is <c>"infinity"</c>. Default 60 000.</summary>
    [AtLeast(0), InfinityAllowed, Unit(TimeUnit.Milliseconds)]
    public TimeSpan? Timeout { get; init; } = TimeSpan.FromMilliseconds(60_000);

    /// <summary><c>ping_rate</c>: in milliseconds, how often a WebSocket ping is sent while nothing comes; its answer is a sign of life as anything else is. Null, the default, is never.</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds)]
    public TimeSpan? PingRate { get; init; }

    /// <summary><c>max_stanza_size</c>: largest frame, in bytes; null is <c>"infinity"</c>. Ours: 262 144, as for TCP.</summary>
    [System.ComponentModel.DataAnnotations.Range(10_000, int.MaxValue), InfinityAllowed]
    public int? MaxStanzaSize { get; init; } = 262_144;

    /// <summary><c>state_timeout</c>: in milliseconds, how long each step of the negotiation may take; null is <c>"infinity"</c>. Default 5000.</summary>
    [AtLeast(0), InfinityAllowed, Unit(TimeUnit.Milliseconds)]
    public TimeSpan? StateTimeout { get; init; } = TimeSpan.FromMilliseconds(5000);

    /// <summary><c>backwards_compatible_session</c>: offer the session of RFC 3921, optional. Default true.</summary>
    public bool BackwardsCompatibleSession { get; init; } = true;
}

/// <summary>BOSH: a <c>[[listen.http.handlers.mongoose_bosh_handler]]</c> table (CONF-094).</summary>
public sealed record BoshHandlerOptions : HttpHandlerOptions
{
    /// <summary><c>max_stanza_size</c>: largest stanza, in bytes; null is <c>"infinity"</c>. A request may be four times as large. Ours: 262 144, as for TCP.</summary>
    [System.ComponentModel.DataAnnotations.Range(10_000, int.MaxValue), InfinityAllowed]
    public int? MaxStanzaSize { get; init; } = 262_144;
}

/// <summary>Metrics in Prometheus's text format (CONF-097).</summary>
public sealed record PrometheusHandlerOptions : HttpHandlerOptions
{
    /// <summary><c>loopback_only</c>: others than this machine get 403. A proxy on this machine lets its own clients in. Ours. Default false, as in the reference; the built-in configuration says true.</summary>
    public bool LoopbackOnly { get; init; }
}

/// <summary>Health of the server: <c>live</c> and <c>ready</c> below the path.</summary>
public sealed record HealthHandlerOptions : HttpHandlerOptions;

/// <summary>The web client and its files below the path.</summary>
public sealed record WebChatHandlerOptions : HttpHandlerOptions;

/// <summary>The page for administrators and its files, below the path.</summary>
public sealed record WebAdminHandlerOptions : HttpHandlerOptions
{
    /// <summary><c>loopback_only</c>: others than this machine get 403. A proxy on this machine lets its own clients in. Default false; the built-in configuration says true where there is no TLS.</summary>
    public bool LoopbackOnly { get; init; }
}

/// <summary>What modules serve over HTTP, below the path: with <c>path = "/"</c> host-meta is where clients look for it. It takes only the requests that a module serves.</summary>
public sealed record ModulesHandlerOptions : HttpHandlerOptions;

/// <summary>A path of HTTP: begins with a slash, and has neither query nor fragment.</summary>
public sealed class HttpPathAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "a path that begins with \"/\"";

    /// <inheritdoc/>
    public override string? Accept(string value) => value.StartsWith('/') && value.IndexOfAny(['?', '#', ' ']) < 0 ? value : null;
}
