using Meerkat.Connections;
using Meerkat.Core.Access;
using Meerkat.Core.Cluster;
using Meerkat.Core.Configuration;
using Meerkat.Core.Hosts;
using Meerkat.Core.Shaping;

namespace Meerkat.Server.Configuration;

/// <summary>The whole configuration, checked: what the server is put together from. Immutable; there is no reload (CONF-002).</summary>
public sealed record MeerkatConfiguration
{
    /// <summary>The file it came from, or the name of the built-in one.</summary>
    public required string Source { get; init; }

    /// <summary>The sections as the file has them, before hosts and modules were worked out; modules aside, which are read by their own records.</summary>
    internal ConfigurationFile Sections { get; init; } = new();

    /// <summary>What holds for the whole server.</summary>
    public required GeneralOptions General { get; init; }

    /// <summary>Where the server listens.</summary>
    public required ListenOptions Listen { get; init; }

    /// <summary>Services of the whole server.</summary>
    public required ServicesOptions Services { get; init; }

    /// <summary>Metrics.</summary>
    public required InstrumentationOptions Instrumentation { get; init; }

    /// <summary>Which of the reference's internal databases are switched on.</summary>
    public required InternalDatabasesOptions InternalDatabases { get; init; }

    /// <summary>The cluster that the server is a node of; null for none.</summary>
    public ClusterOptions? Cluster { get; init; }

    /// <summary>Host types by name: one for each host, and those of <c>general.host_types</c>.</summary>
    public required IReadOnlyDictionary<string, HostTypeConfiguration> HostTypes { get; init; }

    /// <summary>Access classes and rules of the top level alone, for what is asked outside any host type (CONF-046).</summary>
    public required AccessRules Access { get; init; }

    /// <summary>Shapers by name.</summary>
    public required IReadOnlyDictionary<string, ShaperOptions> Shapers { get; init; }

    /// <summary>Pools of the whole server.</summary>
    public required OutgoingPoolsOptions Pools { get; init; }

    /// <summary>Keys without effect and, where those were allowed, missing capabilities: to be said once at start.</summary>
    public required IReadOnlyList<ConfigProblem> Notices { get; init; }
}
