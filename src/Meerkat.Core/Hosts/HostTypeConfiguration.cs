using Meerkat.Core.Access;
using Meerkat.Core.Accounts;
using Meerkat.Core.Shaping;

namespace Meerkat.Core.Hosts;

/// <summary>All that holds for one host type, after <c>[[host_config]]</c> has been merged with the top level (CONF-037 to CONF-048). Immutable.</summary>
public sealed record HostTypeConfiguration
{
    /// <summary>The host type's name; of a static host, its domain.</summary>
    public required string Name { get; init; }

    /// <summary>Whether its domains are added while the server runs (<c>general.host_types</c>); else it is a static host.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>How long a session that another one replaced may take to end before a warning is logged (CONF-060).</summary>
    public required TimeSpan ReplacedWaitTimeout { get; init; }

    /// <summary>Who may log in.</summary>
    public required AuthOptions Auth { get; init; }

    /// <summary>The modules that the file names.</summary>
    public required ModuleSections Modules { get; init; }

    /// <summary>Access classes and rules.</summary>
    public required AccessRules Access { get; init; }

    /// <summary>Shapers by name: those of the whole server.</summary>
    public required IReadOnlyDictionary<string, ShaperOptions> Shapers { get; init; }

    /// <summary>Pools: the host's own ones first, then those of the whole server (CONF-048).</summary>
    public required OutgoingPoolsOptions Pools { get; init; }
}
