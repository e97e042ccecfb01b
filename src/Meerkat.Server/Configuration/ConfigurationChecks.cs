using System.Text.Json;
using Meerkat.Connections.Http;
using Meerkat.Core.Accounts;
using Meerkat.Core.Cluster;
using Meerkat.Core.Configuration;
using Meerkat.Core.Domains;
using Meerkat.Core.Hosts;
using Meerkat.Core.Http;
using Meerkat.Core.Shaping;
using Meerkat.Modules.HttpUpload;
using Meerkat.Server.Running;

namespace Meerkat.Server.Configuration;

/// <summary>What no section can check alone (CONF-021 to CONF-036).</summary>
internal sealed class ConfigurationChecks(ConfigErrors errors, ConfigurationFile file, ConfigTable table)
{
    private readonly HashSet<(ConfigPosition, string)> _said = [];

    /// <summary>The tag of the pool that methods and modules use (CONF-133).</summary>
    public const string DefaultPool = "default";

    /// <summary>The backend that a module's options name, or null: every module that keeps something calls the option so.</summary>
    public static string? BackendOf(ModuleSection module) => module.Options.GetType().GetProperty("Backend")?.GetValue(module.Options)?.ToString();

    /// <summary>Whether the file names a default pool for the host, though none could be made: then what needs it is not available either, which is no mistake.</summary>
    public static bool LeftOut(ConfigTable table, string host)
    {
        var own = table.TryGet("host_config", out var entries) && entries is ConfigArray list ? list.Items : [];
        return own.OfType<ConfigTable>()
            .Where(e => Names(e, "host", host) || Names(e, "host_type", host))
            .Append(table)
            .Any(t => t.TryGet("outgoing_pools", out var pools) && pools is ConfigTable p && p.TryGet("rdbms", out var rdbms) && rdbms is ConfigTable r && r.TryGet(DefaultPool, out _));
    }

    public void Run(IEnumerable<HostTypeConfiguration> hostTypes)
    {
        CheckHosts();
        CheckDomains(hostTypes);
        CheckShapers();
        CheckPrometheus();
        CheckBosh();
        CheckModulesHandlers(hostTypes);
        CheckWebAdmin();
        CheckBackend(file.General.SmBackend.ToString(), PlaceOf("general", "sm_backend"), "general.sm_backend");
        CheckSessionPool();
        CheckCluster(hostTypes);
        foreach (var host in hostTypes)
        {
            CheckAuth(host);
            foreach (var module in host.Modules.All)
            {
                CheckModule(host, module);
            }
        }
    }

    // CONF-147
    private void CheckSessionPool()
    {
        if (file.General.SmBackend is SessionBackend.Redis && !file.OutgoingPools.Redis.ContainsKey(DefaultPool))
        {
            errors.Add(PlaceOf("general", "sm_backend"), "general.sm_backend", "needs the pool [outgoing_pools.redis.default]", "pool_not_configured");
        }
    }

    // Nodes on several machines have nothing in common but servers: an embedded store would be each one's own.
    private void CheckCluster(IEnumerable<HostTypeConfiguration> hostTypes)
    {
        if (file.Cluster is not { } cluster)
        {
            return;
        }

        if (cluster.Membership is ClusterMembership.Redis && !file.OutgoingPools.Redis.ContainsKey(DefaultPool))
        {
            errors.Add(PlaceOf("cluster", "membership"), "cluster.membership", "needs the pool [outgoing_pools.redis.default]", "pool_not_configured");
        }

        if (cluster.IsOnOneMachine)
        {
            return;
        }

        if (!file.OutgoingPools.Rdbms.ContainsKey(DefaultPool) )
        {
            errors.Add(PlaceOf("cluster"), "cluster", "needs the pool [outgoing_pools.rdbms.default]: nodes on several machines share a database server; one_machine = true says that they are on one", "embedded_store_in_cluster");
        }

        foreach (var host in hostTypes)
        {
            foreach (var (tag, pool) in host.Pools.Rdbms.Where(pool => pool.Value.Connection.Driver is RdbmsDriver.Sqlite))
            {
                Embedded(PlaceOf("outgoing_pools", "rdbms", tag, "connection", "driver"), $"outgoing_pools.rdbms.{tag}.connection.driver", "is \"sqlite\", a file");
            }

            if (host.Auth.ActiveMethods.Contains(AuthMethod.Internal))
            {
                Embedded(PlaceOf("auth", "internal"), "auth.internal", "keeps accounts in the embedded database (write [auth.rdbms])");
            }

            foreach (var module in host.Modules.All)
            {
                if (module.Options is HttpUploadOptions { EffectiveBackend: UploadBackend.Disk })
                {
                    Embedded(module.Table.Position, $"modules.{module.Name}", "keeps files on the machine's disk (write [modules.mod_http_upload.s3])");
                }

                foreach (var key in EmbeddedStoresOf(module.Options))
                {
                    Embedded(module.Table.TryGet(key, out var node) ? node.Position : module.Table.Position, module.Table.PathOf(key), "is \"mnesia\", the embedded database (write \"rdbms\")");
                }
            }
        }

        void Embedded(ConfigPosition at, string key, string what)
        {
            if (_said.Add((at, key)))
            {
                errors.Add(at, key, $"{what}, which the nodes of a cluster on several machines cannot share", "embedded_store_in_cluster");
            }
        }
    }

    // The options of a module that name the embedded database. What is kept in memory alone is the cluster's.
    private static IEnumerable<string> EmbeddedStoresOf(object options) => options.GetType().GetProperties()
        .Where(option => (Nullable.GetUnderlyingType(option.PropertyType) ?? option.PropertyType) is { IsEnum: true } type && type != typeof(TransientBackend) && option.CanWrite && option.GetValue(options)?.ToString() == nameof(PersistentBackend.Mnesia))
        .Select(option => JsonNamingPolicy.SnakeCaseLower.ConvertName(option.Name));

    // CONF-022; names used twice in one list are refused where it is read.
    private void CheckHosts()
    {
        if (file.General is { Hosts: [], HostTypes: [] })
        {
            errors.Add(PlaceOf("general", "hosts"), "general.hosts", "must name at least one domain, or host_types one host type", "no_hosts");
        }

        foreach (var name in file.General.HostTypes.Intersect(file.General.Hosts, StringComparer.Ordinal))
        {
            errors.Add(PlaceOf("general", "host_types"), "general.host_types", $"names \"{name}\", which is in general.hosts too", "duplicate_host");
        }
    }

    // CONF-173
    private void CheckDomains(IEnumerable<HostTypeConfiguration> hostTypes)
    {
        if (file.Services.DomainDb is not { DbPool: not DomainServiceOptions.GlobalPool and var pool })
        {
            return;
        }

        var at = PlaceOf("services", "service_domain_db", "db_pool");
        if (hostTypes.FirstOrDefault(host => host.Name == pool) is { } owner)
        {
            CheckPool(owner, at, "services.service_domain_db.db_pool");
        }
        else
        {
            errors.Add(at, "services.service_domain_db.db_pool", $"is neither \"{DomainServiceOptions.GlobalPool}\" nor in general.hosts or general.host_types: \"{pool}\"", "unknown_host_types");
        }
    }

    // CONF-025
    private void CheckShapers()
    {
        // A shaper with a mistake in it is there all the same: its own mistake is said, and is enough.
        var names = table.TryGet("shaper", out var section) && section is ConfigTable shapers ? file.Shaper.Keys.Union(shapers.Keys) : file.Shaper.Keys;
        foreach (var listener in file.Listen.C2s.Where(l => l.Shaper != ShaperOptions.None && !names.Contains(l.Shaper)))
        {
            var known = names.Append(ShaperOptions.None).Order(StringComparer.Ordinal).Select(s => $"\"{s}\"");
            errors.Add(KeyPlace.In(table, ["listen", "c2s"], listener.Position, "shaper"), "listen.c2s.shaper", $"names \"{listener.Shaper}\", which is not under [shaper]; there are {string.Join(", ", known)}", "undefined_shapers");
        }
    }

    // CONF-097
    private void CheckPrometheus()
    {
        foreach (var handler in file.Listen.Http.SelectMany(l => l.Handlers.Prometheus).Where(_ => file.Instrumentation.Prometheus is null))
        {
            errors.Add(handler.Position, "listen.http.handlers.mongoose_prometheus_handler", "needs the section [instrumentation.prometheus]", "prometheus_not_enabled");
        }
    }

    // CORE-258: without the service nobody could open a session.
    private void CheckBosh()
    {
        foreach (var handler in file.Listen.Http.SelectMany(l => l.Handlers.Bosh).Where(_ => file.Services.Bosh is null))
        {
            errors.Add(handler.Position, "listen.http.handlers.mongoose_bosh_handler", "needs the section [services.service_bosh]", "bosh_not_enabled");
        }

        foreach (var name in file.Services.Bosh?.HostTypes?.Where(name => !file.General.Hosts.Contains(name) && !file.General.HostTypes.Contains(name)) ?? [])
        {
            errors.Add(PlaceOf("services", "service_bosh", "host_types"), "services.service_bosh.host_types", $"names \"{name}\", which is in neither general.hosts nor general.host_types", "unknown_host_types");
        }

        if (file.Services.Bosh is { } bosh)
        {
            CheckBackend(bosh.Backend.ToString(), PlaceOf("services", "service_bosh", "backend"), "services.service_bosh.backend");
        }
    }

    // The page talks to GraphQL on its own listener: a page of another origin could not.
    private void CheckWebAdmin()
    {
        foreach (var handler in file.Listen.Http.Where(listener => listener.Handlers.GraphQL.All(graphQL => graphQL.SchemaEndpoint is GraphQLSchemaEndpoint.User)).SelectMany(listener => listener.Handlers.WebAdmin))
        {
            errors.Add(handler.Position, "listen.http.handlers.webadmin", "needs a mongoose_graphql_handler with schema_endpoint = \"admin\" or \"domain_admin\" on the same listener", "graphql_not_enabled");
        }
    }

    // What a module serves over HTTP has to be on some listener.
    private void CheckModulesHandlers(IEnumerable<HostTypeConfiguration> hostTypes)
    {
        if (file.Listen.Http.Any(l => l.Handlers.Modules.Count > 0))
        {
            return;
        }

        foreach (var module in hostTypes.SelectMany(host => host.Modules.All).Where(module => module.Options is IHttpModuleOptions { ServesHttp: true }).DistinctBy(module => module.Table.Position))
        {
            errors.Add(module.Table.Position, $"modules.{module.Name}", "needs a listener that serves it: add [[listen.http.handlers.modules]] with host = \"_\" and path = \"/\"", "modules_not_served");
        }
    }

    private void CheckAuth(HostTypeConfiguration host)
    {
        if (host.Auth.ActiveMethods.Contains(AuthMethod.Rdbms))
        {
            CheckPool(host, PlaceOf("auth", "rdbms"), "auth.rdbms");
        }

        if (host.Auth.ActiveMethods.Contains(AuthMethod.Http) && !host.Pools.Http.ContainsKey(AuthChains.HttpPoolTag) && _said.Add((PlaceOf("auth", "http"), "auth.http")))
        {
            errors.Add(PlaceOf("auth", "http"), "auth.http", $"needs the pool [outgoing_pools.http.{AuthChains.HttpPoolTag}]", "pool_not_configured");
        }

        if (host.Auth.Anonymous is { } anonymous)
        {
            CheckBackend(anonymous.Backend.ToString(), PlaceOf("auth", "anonymous", "backend"), "auth.anonymous.backend");
        }
    }

    // What a module's option "backend" names must be there (CONF-016, CONF-030, CONF-036).
    private void CheckModule(HostTypeConfiguration host, ModuleSection module)
    {
        foreach (var (type, asking) in module.Options is IPoolUser user ? user.Pools : [])
        {
            CheckPool(host, module.Table, type, asking);
        }

        if (BackendOf(module) is not { } backend)
        {
            return;
        }

        var at = module.Table.TryGet("backend", out var node) ? node.Position : module.Table.Position;
        var key = module.Table.PathOf("backend");
        CheckBackend(backend, at, key);
        if (backend == nameof(PersistentBackend.Rdbms))
        {
            CheckPool(host, at, key);
        }
    }

    private void CheckBackend(string backend, ConfigPosition at, string key)
    {
        var name = backend.ToLowerInvariant();
        if (!file.InternalDatabases.Allows(name) && _said.Add((at, key)))
        {
            errors.Add(at, key, $"is \"{name}\", which [internal_databases] does not switch on; write [internal_databases.{name}]", "backend_requires_internal_database");
        }
    }

    private void CheckPool(HostTypeConfiguration host, ConfigPosition at, string key)
    {
        if (host.Pools.Rdbms.ContainsKey(DefaultPool) || !_said.Add((at, key)))
        {
            return;
        }

        if (LeftOut(table, host.Name))
        {
            errors.AddMissing(at, key, "needs the pool [outgoing_pools.rdbms.default], which is not available");
        }
        else
        {
            errors.Add(at, key, "needs the pool [outgoing_pools.rdbms.default]", "pool_not_configured");
        }
    }

    private void CheckPool(HostTypeConfiguration host, ConfigTable module, string type, string asking)
    {
        var (at, place, key) = (module, module.Position, "");
        foreach (var part in asking.Split('.'))
        {
            key = at.PathOf(part);
            if (at.TryGet(part, out var node))
            {
                place = node.Position;
                at = node as ConfigTable ?? at;
            }
        }

        if (type is "cassandra" && !host.Pools.Cassandra.ContainsKey(DefaultPool) && _said.Add((place, key)))
        {
            errors.Add(place, key, "needs the pool [outgoing_pools.cassandra.default]", "pool_not_configured");
        }
    }

    private static bool Names(ConfigTable entry, string key, string host) => entry.TryGet(key, out var name) && name is ConfigValue { Value: string text } && text == host;

    private ConfigPosition PlaceOf(params ReadOnlySpan<string> keys)
    {
        var at = table;
        foreach (var key in keys)
        {
            if (!at.TryGet(key, out var node))
            {
                break;
            }

            if (node is not ConfigTable below)
            {
                return node.Position;
            }

            at = below;
        }

        return at.Position;
    }
}
