using Meerkat.Core.Configuration;

namespace Meerkat.Modules.Ping;

/// <summary>Options of <c>mod_ping</c>: a <c>[modules.mod_ping]</c> table.</summary>
public sealed record PingOptions
{
    /// <summary><c>send_pings</c>: whether the server pings clients that say nothing. Default false.</summary>
    public bool SendPings { get; init; }

    /// <summary><c>ping_interval</c>: how long a client may say nothing before it is pinged. Default 60 s.</summary>
    [Unit(TimeUnit.Seconds), AtLeast(1)]
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>timeout_action</c>: what happens to a client that does not answer. Default <c>none</c>.</summary>
    public PingTimeoutAction TimeoutAction { get; init; } = PingTimeoutAction.None;

    /// <summary><c>ping_req_timeout</c>: how long an answer may take. Default 32 s.</summary>
    [Unit(TimeUnit.Seconds), AtLeast(1)]
    public TimeSpan PingReqTimeout { get; init; } = TimeSpan.FromSeconds(32);
}

/// <summary>What happens to a client that does not answer a ping.</summary>
public enum PingTimeoutAction
{
    /// <summary>Nothing but a count.</summary>
    None,

    /// <summary>Its connection ends; a session with stream management can be resumed.</summary>
    Kill,
}
