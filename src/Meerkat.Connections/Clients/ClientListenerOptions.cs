using System.ComponentModel.DataAnnotations;
using Meerkat.Connections.Tls;
using Meerkat.Core.Access;
using Meerkat.Core.Accounts;
using Meerkat.Core.Configuration;
using Meerkat.Core.Shaping;

namespace Meerkat.Connections.Clients;

/// <summary>One listener for clients over TCP: a <c>[[listen.c2s]]</c> table (CONF-064 to CONF-080).</summary>
public sealed record ClientListenerOptions : ListenerOptions
{
    /// <summary><c>backlog</c>: how many connections may wait to be accepted. Default 1024 (CONF-069).</summary>
    [Range(0, int.MaxValue)]
    public int Backlog { get; init; } = 1024;

    /// <summary><c>proxy_protocol</c>: every connection begins with a PROXY header, version 1 or 2. Default false (CONF-070).</summary>
    public bool ProxyProtocol { get; init; }

    /// <summary><c>max_stanza_size</c>: largest top-level element, in bytes; null is <c>"infinity"</c>. Ours: 262 144 (the reference's default is no limit; RFC 6120 §13.12 wants at least 10 000).</summary>
    [Range(10_000, int.MaxValue), InfinityAllowed]
    public int? MaxStanzaSize { get; init; } = 262_144;

    /// <summary><c>shaper</c>: the name of a shaper for each connection. Default <c>none</c> (CONF-073).</summary>
    [NonEmpty]
    public string Shaper { get; init; } = ShaperOptions.None;

    /// <summary><c>max_connections</c>: how many at a time; the surplus waits in the backlog (CORE-006). Null is <c>"infinity"</c>, the default.</summary>
    [AtLeast(1), InfinityAllowed]
    public int? MaxConnections { get; init; }

    /// <summary><c>reuse_port</c>: share the port with other processes (SO_REUSEPORT). Default false (CONF-075).</summary>
    public bool ReusePort { get; init; }

    /// <summary><c>state_timeout</c>: in milliseconds, how long each step of the negotiation may take; null is <c>"infinity"</c>. Default 5000 (CORE-013).</summary>
    [AtLeast(0), InfinityAllowed, Unit(TimeUnit.Milliseconds)]
    public TimeSpan? StateTimeout { get; init; } = TimeSpan.FromMilliseconds(5000);

    /// <summary><c>access</c>: the rule that a user must pass to log in. Default <c>all</c> (CONF-077).</summary>
    [NonEmpty]
    public string Access { get; init; } = AccessRules.All;

    /// <summary><c>backwards_compatible_session</c>: offer the session of RFC 3921, optional. Default true (CONF-078).</summary>
    public bool BackwardsCompatibleSession { get; init; } = true;

    /// <summary><c>allowed_auth_methods</c>: the methods that may let a user in here; null means all of the host (AUTH-005).</summary>
    [Unique]
    public IReadOnlyList<AuthMethod>? AllowedAuthMethods { get; init; }

    /// <summary><c>tls</c>: null means that no TLS is offered on this listener (CONF-080).</summary>
    public StreamTlsOptions? Tls { get; init; }
}
