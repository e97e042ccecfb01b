using Meerkat.Core.Configuration;

namespace Meerkat.Core.Hosts;

/// <summary>What holds for the whole server: the <c>[general]</c> section, which is mandatory (CONF-049 to CONF-063).</summary>
public sealed record GeneralOptions
{
    /// <summary><c>loglevel</c>: the least severe entry that is logged. Default <c>warning</c> (CONF-049).</summary>
    [ConfigName("loglevel")]
    public LogThreshold LogLevel { get; init; } = LogThreshold.Warning;

    /// <summary><c>hosts</c>: the domains served, each a host type of its own name (CONF-050).</summary>
    [Domain, Unique]
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary><c>host_types</c>: names of the host types whose domains are added while the server runs (CONF-051).</summary>
    [NonEmpty, Unique]
    public IReadOnlyList<string> HostTypes { get; init; } = [];

    /// <summary><c>default_server_domain</c>: the <c>from</c> of a stream whose host is not known yet (CONF-052).</summary>
    [Domain]
    public required string DefaultServerDomain { get; init; }

    /// <summary><c>language</c>: <c>xml:lang</c> of streams to clients that named none. Default <c>en</c> (CONF-053).</summary>
    [NonEmpty]
    public string Language { get; init; } = "en";

    /// <summary><c>registration_timeout</c>: in seconds, how long a source waits between two in-band registrations; null is <c>"infinity"</c>, which switches the limit off. Default 600 (CONF-055).</summary>
    [AtLeast(1), InfinityAllowed, Unit(TimeUnit.Seconds)]
    public TimeSpan? RegistrationTimeout { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary><c>hide_service_name</c>: close silently on what is not XMPP. Default false (CONF-056).</summary>
    public bool HideServiceName { get; init; }

    /// <summary><c>sm_backend</c>: where the table of sessions lives. In a cluster, <c>mnesia</c> and <c>cets</c> are the memory of its nodes. Default <c>mnesia</c> (CONF-057).</summary>
    public SessionBackend SmBackend { get; init; } = SessionBackend.Mnesia;

    /// <summary><c>replaced_wait_timeout</c>: in milliseconds, how long a session that another one replaced may take to end before a warning is logged. Default 2000; a host may have its own (CONF-060).</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds)]
    public TimeSpan ReplacedWaitTimeout { get; init; } = TimeSpan.FromMilliseconds(2000);

    /// <summary><c>http_server_name</c>: the <c>server</c> header of all HTTP listeners; null leaves it to the web server (CONF-063).</summary>
    public string? HttpServerName { get; init; }
}

/// <summary>Levels of the log, most severe last to say all, first to say nothing (CONF-049).</summary>
public enum LogThreshold
{
    /// <summary>Nothing is logged.</summary>
    None,

    /// <summary>As critical.</summary>
    Emergency,

    /// <summary>As critical.</summary>
    Alert,

    /// <summary>The server, or a large part of it, cannot go on.</summary>
    Critical,

    /// <summary>Something failed.</summary>
    Error,

    /// <summary>Something may go wrong.</summary>
    Warning,

    /// <summary>As info.</summary>
    Notice,

    /// <summary>What the server does.</summary>
    Info,

    /// <summary>How it does it.</summary>
    Debug,

    /// <summary>Everything.</summary>
    All,
}

/// <summary>Where the table of sessions lives (CONF-057).</summary>
public enum SessionBackend
{
    /// <summary>Memory; in a cluster, that of its nodes.</summary>
    Mnesia,

    /// <summary>The same.</summary>
    Cets,

    /// <summary>Memory, and for other nodes and restarts the Redis of <c>outgoing_pools.redis.default</c>.</summary>
    Redis,
}
