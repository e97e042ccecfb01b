using Meerkat.Core.Configuration;

namespace Meerkat.Connections.Bosh;

/// <summary>BOSH for the whole server: the <c>[services.service_bosh]</c> table (CONF-181 to CONF-186). Without it there is none.</summary>
public sealed record BoshOptions
{
    /// <summary><c>backend</c>: where the table of sessions lives; both names mean memory. Default <c>mnesia</c>.</summary>
    public TransientBackend Backend { get; init; } = TransientBackend.Mnesia;

    /// <summary><c>inactivity</c>: in seconds, how long a session may have no request open; null is <c>"infinity"</c>. Default 30.</summary>
    [AtLeast(1), InfinityAllowed, Unit(TimeUnit.Seconds)]
    public TimeSpan? Inactivity { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><c>max_wait</c>: in seconds, the longest <c>wait</c> that a client gets; null, the default, is <c>"infinity"</c>, which is a day.</summary>
    [AtLeast(1), InfinityAllowed, Unit(TimeUnit.Seconds)]
    public TimeSpan? MaxWait { get; init; }

    /// <summary><c>server_acks</c>: tell clients in each answer which of their requests have come. Default false.</summary>
    public bool ServerAcks { get; init; }

    /// <summary><c>max_pause</c>: in seconds, the longest pause that a client may ask for. Default 120.</summary>
    [AtLeast(1), Unit(TimeUnit.Seconds)]
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary><c>host_types</c>: the host types that may use BOSH; null, the default, is all.</summary>
    [NonEmptyList, Unique]
    public IReadOnlyList<string>? HostTypes { get; init; }
}
