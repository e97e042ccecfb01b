using Meerkat.Connections.Tls;
using Meerkat.Core.Configuration;

namespace Meerkat.Connections.Http;

/// <summary>One listener for HTTP: a <c>[[listen.http]]</c> table (CONF-088 to CONF-093).</summary>
public sealed record HttpListenerOptions : ListenerOptions
{
    /// <summary><c>transport</c>.</summary>
    public HttpTransportOptions Transport { get; init; } = new();

    /// <summary><c>protocol</c>.</summary>
    public HttpProtocolOptions Protocol { get; init; } = new();

    /// <summary><c>tls</c>: null means plain HTTP (CONF-091).</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary><c>handlers</c>: what is served on which path.</summary>
    public HttpHandlersOptions Handlers { get; init; } = new();
}

/// <summary><c>[listen.http.transport]</c>.</summary>
public sealed record HttpTransportOptions
{
    /// <summary><c>max_connections</c>: how many at a time; the surplus waits in the backlog (CORE-006). Null is <c>"infinity"</c>. Default 1024 (CONF-089).</summary>
    [AtLeast(0), InfinityAllowed]
    public int? MaxConnections { get; init; } = 1024;
}

/// <summary><c>[listen.http.protocol]</c>.</summary>
public sealed record HttpProtocolOptions
{
    /// <summary><c>compress</c>: compress answers for clients that take it. Default false (CONF-090).</summary>
    public bool Compress { get; init; }
}
