using Meerkat.Connections;
using Meerkat.Core.Access;
using Meerkat.Core.Accounts;
using Meerkat.Core.Cluster;
using Meerkat.Core.Configuration;
using Meerkat.Core.Hosts;
using Meerkat.Core.Shaping;

namespace Meerkat.Server.Configuration;

/// <summary>The sections of the file (CONF-003), before hosts and modules are worked out.</summary>
internal sealed record ConfigurationFile
{
    /// <summary><c>general</c>: mandatory, though it is the loader who says so: a file whose general section is absent or of no use has other sections to be looked at (CONF-017).</summary>
    public GeneralOptions General { get; init; } = NoGeneral;

    /// <summary>What stands for a general section that is absent or of no use.</summary>
    public static GeneralOptions NoGeneral { get; } = new() { DefaultServerDomain = "" };

    /// <summary><c>listen</c>.</summary>
    public ListenOptions Listen { get; init; } = new();

    /// <summary><c>auth</c>.</summary>
    public AuthOptions Auth { get; init; } = new();

    /// <summary><c>internal_databases</c>.</summary>
    public InternalDatabasesOptions InternalDatabases { get; init; } = InternalDatabasesOptions.Absent;

    /// <summary><c>cluster</c>: null for a server that is no node of one.</summary>
    public ClusterOptions? Cluster { get; init; }

    /// <summary><c>outgoing_pools</c>.</summary>
    public OutgoingPoolsOptions OutgoingPools { get; init; } = new();

    /// <summary><c>modules</c>: tables by module, bound to what each module declares.</summary>
    public IReadOnlyDictionary<string, ConfigTable> Modules { get; init; } = new Dictionary<string, ConfigTable>();

    /// <summary><c>services</c>.</summary>
    public ServicesOptions Services { get; init; } = new();

    /// <summary><c>instrumentation</c>.</summary>
    public InstrumentationOptions Instrumentation { get; init; } = new();

    /// <summary><c>shaper</c>: rates by name.</summary>
    public IReadOnlyDictionary<string, ShaperOptions> Shaper { get; init; } = new Dictionary<string, ShaperOptions>();

    /// <summary><c>acl</c>: patterns by class.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<AclPattern>> Acl { get; init; } = new Dictionary<string, IReadOnlyList<AclPattern>>();

    /// <summary><c>access</c>: clauses by rule.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<AccessClause>> Access { get; init; } = new Dictionary<string, IReadOnlyList<AccessClause>>();

    /// <summary><c>host_config</c>: what single hosts have otherwise.</summary>
    public IReadOnlyList<HostConfigOptions> HostConfig { get; init; } = [];
}
