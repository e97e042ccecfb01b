using System.Security.Cryptography;
using Meerkat.Core.Configuration;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Server.Configuration;
using Meerkat.Storage.Cassandra;
using Meerkat.Storage.Cassandra.Connections;
using Meerkat.Storage.Cassandra.Schema;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>The Cassandra clusters of a server: those of <c>outgoing_pools.cassandra</c> that somebody asks for. One for each pool.</summary>
/// <param name="configuration">Which pools there are.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Loggers.</param>
public sealed class CassandraClusters(MeerkatConfiguration configuration, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly Dictionary<string, CassandraPool> _open = new(StringComparer.Ordinal);

    /// <summary>Those in use.</summary>
    public IReadOnlyCollection<CassandraPool> InUse => _open.Values;

    /// <summary>The cluster of a host type: its pool <c>default</c> (CONF-133). Not connected to before it is prepared.</summary>
    /// <exception cref="StartException">There is none, or a file of its <c>tls</c> table cannot be used.</exception>
    public ICqlSession For(string hostType)
    {
        var pool = configuration.HostTypes[hostType].Pools.Cassandra.GetValueOrDefault(ConfigurationChecks.DefaultPool)
            ?? throw new StartException($"host {hostType}: there is no pool [outgoing_pools.cassandra.default]");
        var isShared = pool.Scope is PoolScope.Global && ReferenceEquals(pool, configuration.Pools.Cassandra.GetValueOrDefault(ConfigurationChecks.DefaultPool));
        var name = isShared ? ConfigurationChecks.DefaultPool : $"{ConfigurationChecks.DefaultPool}@{hostType}";
        return _open.TryGetValue(name, out var open) ? open : _open[name] = Open(name, pool);
    }

    /// <summary>Asks for every cluster that the configuration makes use of: for commands about databases.</summary>
    public void FindAll()
    {
        foreach (var host in configuration.HostTypes.Values.Where(host => host.Modules.All.Any(module => module.Options is IPoolUser user && user.Pools.Any(pool => pool.Type == "cassandra"))))
        {
            For(host.Name);
        }
    }

    /// <summary>Connects to those in use, and makes tables that are missing. Waits for a cluster that is not there yet, up to its <c>call_timeout</c>.</summary>
    /// <param name="migrate">False refuses a keyspace that is not up to date.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StartException">One cannot be used.</exception>
    public async Task PrepareAsync(bool migrate, CancellationToken ct)
    {
        foreach (var pool in _open.Values)
        {
            try
            {
                await new CassandraOperations(pool, time).PrepareAsync(migrate, ct);
            }
            catch (Exception unusable) when (IsUnusable(unusable))
            {
                throw new StartException($"Cassandra ({pool.Name}) cannot be used: {unusable.Message}", unusable);
            }
        }
    }

    /// <summary>Whether a failure is about a cluster, not about this program.</summary>
    public static bool IsUnusable(Exception e) => e is CassandraSchemaException or CqlException or StorageBusyException or StorageUnavailableException or TimeoutException;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var pool in _open.Values)
        {
            await pool.DisposeAsync();
        }
    }

    private CassandraPool Open(string name, CassandraPoolOptions pool)
    {
        try
        {
            return new CassandraPool(name, pool, time, loggers.CreateLogger<CassandraPool>());
        }
        catch (CryptographicException unusable)
        {
            throw new StartException($"the tls table of the pool {name} cannot be used: {unusable.Message}", unusable);
        }
    }
}
