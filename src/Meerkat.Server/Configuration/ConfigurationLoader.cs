using Meerkat.Core.Access;
using Meerkat.Core.Accounts;
using Meerkat.Core.Cluster;
using Meerkat.Core.Configuration;
using Meerkat.Core.Hosts;

namespace Meerkat.Server.Configuration;

/// <summary>From the bytes of a file to a checked <see cref="MeerkatConfiguration"/>: read, bind, merge the hosts, check across sections (CONF-017, CONF-021).</summary>
/// <remarks>Opens nothing but the files that the configuration names.</remarks>
public sealed class ConfigurationLoader
{
    private readonly IReadOnlyDictionary<string, Type> _modules;
    private readonly ConfigErrors _errors;

    private ConfigurationLoader(IReadOnlyDictionary<string, Type> modules, ConfigErrors errors)
    {
        _modules = modules;
        _errors = errors;
    }

    /// <summary>Loads a configuration.</summary>
    /// <param name="source">Name and content.</param>
    /// <param name="modules">The modules that exist: key to options record (<see cref="NoOptions"/> where there are none).</param>
    /// <param name="allowMissing">Go on without capabilities that are not here.</param>
    /// <param name="errors">Gets every finding, whatever the outcome.</param>
    /// <returns>The configuration, or null when it is refused.</returns>
    public static MeerkatConfiguration? Load(ConfigurationSource source, IReadOnlyDictionary<string, Type> modules, bool allowMissing, ConfigErrors errors)
    {
        if (TomlReader.Read(source.Utf8.Span, source.Name, errors) is not { } table || ConfigBinder.Bind<ConfigurationFile>(table, errors) is not { } file)
        {
            return null;
        }

        if (!table.TryGet("general", out _))
        {
            errors.Add(table.Position, "general", "must be given: a table", "missing_mandatory_keys");
        }

        if (ReferenceEquals(file.General, ConfigurationFile.NoGeneral))
        {
            file = file with { General = StandIn(file, table) };
        }

        var loaded = new ConfigurationLoader(modules, errors).Load(source.Name, file, table);
        return errors.Refuses(allowMissing) ? null : loaded with { Notices = errors.All };
    }

    private MeerkatConfiguration Load(string name, ConfigurationFile file, ConfigTable table)
    {
        var perHost = HostConfigs(file, table);
        var modules = BindModules(file.Modules);
        var hosts = file.General.Hosts.ToHashSet(StringComparer.Ordinal);
        var hostTypes = file.General.Hosts.Concat(file.General.HostTypes).Distinct(StringComparer.Ordinal).ToDictionary(h => h, h => Merge(h, file, modules, perHost.GetValueOrDefault(h), hosts));

        new ConfigurationChecks(_errors, file, table).Run(hostTypes.Values);
        return new()
        {
            Source = name,
            Sections = file,
            General = file.General,
            Listen = file.Listen,
            Services = file.Services,
            Instrumentation = file.Instrumentation,
            InternalDatabases = file.InternalDatabases,
            Cluster = file.Cluster is null ? null : file.Cluster with { Membership = file.Cluster.Membership ?? (file.General.SmBackend is SessionBackend.Redis ? ClusterMembership.Redis : ClusterMembership.Sql) },
            HostTypes = hostTypes.ToDictionary(h => h.Key, h => WithoutPool(h.Value)),
            Access = new AccessRules(file.Acl, file.Access, hosts.Contains),
            Shapers = file.Shaper,
            Pools = file.OutgoingPools,
            Notices = [],
        };
    }

    // A general section that cannot be used costs nobody the check of the rest: its hosts, where they can be read, else those that the file seems to have.
    private static GeneralOptions StandIn(ConfigurationFile file, ConfigTable table)
    {
        var general = table.TryGet("general", out var node) && node is ConfigTable section ? section : ConfigTable.Empty("general");
        var found = ConfigBinder.Bind<HostsAlone>(general, new ConfigErrors())!; // what is wrong with them is said already
        return ConfigurationFile.NoGeneral with { HostTypes = found.HostTypes, Hosts = found is { Hosts: [], HostTypes: [] } ? [.. file.HostConfig.Select(entry => entry.Name).Append("localhost").Distinct(StringComparer.Ordinal)] : found.Hosts };
    }

    private Dictionary<string, HostConfigOptions> HostConfigs(ConfigurationFile file, ConfigTable table)
    {
        var perHost = new Dictionary<string, HostConfigOptions>(StringComparer.Ordinal);
        foreach (var entry in file.HostConfig)
        {
            if (entry.Name.Length == 0)
            {
                continue; // said already
            }

            if (!file.General.Hosts.Contains(entry.Name) && !file.General.HostTypes.Contains(entry.Name))
            {
                _errors.Add(PlaceOfName(entry), "host_config", $"names \"{entry.Name}\", which is in neither general.hosts nor general.host_types", "unknown_host");
                _ = BindModules(entry.Modules ?? new Dictionary<string, ConfigTable>()); // nobody else looks at them
            }
            else if (!perHost.TryAdd(entry.Name, entry))
            {
                _errors.Add(PlaceOfName(entry), "host_config", $"names \"{entry.Name}\" a second time; the first is at {PlaceOfName(perHost[entry.Name])}", "duplicate_host_config");
            }
        }

        return perHost;

        ConfigPosition PlaceOfName(HostConfigOptions entry) => KeyPlace.In(table, ["host_config"], entry.Position, entry.Host is null ? "host_type" : "host");
    }

    private HostTypeConfiguration Merge(string host, ConfigurationFile file, ModuleSections modules, HostConfigOptions? own, HashSet<string> hosts) => new()
    {
        Name = host,
        IsDynamic = !hosts.Contains(host),
        ReplacedWaitTimeout = own?.General?.ReplacedWaitTimeout ?? file.General.ReplacedWaitTimeout,
        Auth = own?.Auth ?? file.Auth,
        Modules = own?.Modules is null ? modules : BindModules(own.Modules),
        Access = new AccessRules(HostConfigMerge.Acl(file.Acl, own?.Acl), HostConfigMerge.Access(file.Access, own?.Access), hosts.Contains),
        Shapers = file.Shaper,
        Pools = HostConfigMerge.Pools(file.OutgoingPools, own?.OutgoingPools),
    };

    // Where the operator goes on without a database, also without what would use it.
    private static HostTypeConfiguration WithoutPool(HostTypeConfiguration host) => host.Pools.Rdbms.ContainsKey(ConfigurationChecks.DefaultPool) ? host : host with
    {
        Auth = host.Auth with { Methods = [.. host.Auth.ActiveMethods.Where(m => m is not AuthMethod.Rdbms)] },
        Modules = new(host.Modules.All.Where(m => ConfigurationChecks.BackendOf(m) != nameof(PersistentBackend.Rdbms))),
    };

    private ModuleSections BindModules(IReadOnlyDictionary<string, ConfigTable> tables)
    {
        var sections = new List<ModuleSection>();
        foreach (var (name, table) in tables.OrderBy(t => t.Value.Position.Line).ThenBy(t => t.Value.Position.Column))
        {
            if (!_modules.TryGetValue(name, out var record))
            {
                ConfigBinder.ReportModule(name, table, _modules.Keys, _errors);
            }
            else if (ConfigBinder.Bind(record, table, _errors) is { } options)
            {
                sections.Add(new(name, table, options));
            }
        }

        return new(sections);
    }

    /// <summary>Of a general section, what the checks of others need.</summary>
    private sealed record HostsAlone
    {
        /// <summary><c>hosts</c>.</summary>
        [Domain, Unique]
        public IReadOnlyList<string> Hosts { get; init; } = [];

        /// <summary><c>host_types</c>.</summary>
        [NonEmpty, Unique]
        public IReadOnlyList<string> HostTypes { get; init; } = [];
    }
}
