using System.Security.Cryptography;
using Meerkat.Cluster.Orleans;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Server.Configuration;
using Meerkat.Storage.Redis;
using Meerkat.Storage.Redis.Cluster;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>What a node of a cluster has in place of the local parts: the link to the others, the directory of all sessions, and who is its authority (<c>general.sm_backend</c>).</summary>
internal sealed class ClusterSessions : IAsyncDisposable
{
    private readonly IDisposable _registry;
    private readonly RedisPool? _pool;
    private readonly NodeGreetings _greetings;

    private ClusterSessions(ClusterOptions options, OrleansCluster cluster, RedisPool? pool, TimeProvider time, ILoggerFactory loggers)
    {
        _pool = pool;
        Link = new NodeLink(cluster, cluster, time, loggers.CreateLogger<NodeLink>()) { QueueSize = options.QueueSize };
        _greetings = new NodeGreetings(Link, cluster, time);
        ClusterSessionDirectory? directory = null;
        ISessionRegistry registry;
        if (pool is null)
        {
            var spread = new SpreadSessionRegistry(Link, cluster, () => directory?.Living() ?? [], time, loggers.CreateLogger<SpreadSessionRegistry>()) { Patience = options.Patience };
            (registry, _registry) = (spread, spread);
        }
        else
        {
            var redis = new RedisSessionRegistry(pool);
            (registry, _registry) = (redis, redis);
        }

        Directory = directory = new ClusterSessionDirectory(registry, Link, cluster, new ClusterSessionOptions { BindPatience = options.Patience }, time, loggers.CreateLogger<ClusterSessionDirectory>());
        Events = new ClusterEvents(Link, cluster, time, loggers.CreateLogger<ClusterEvents>());
        Placement = new ClusterPlacement(Link, cluster, time, loggers) { Patience = options.Patience };
    }

    /// <summary>The way to other nodes.</summary>
    public NodeLink Link { get; }

    /// <summary>The directory.</summary>
    public ClusterSessionDirectory Directory { get; }

    /// <summary>What nodes tell each other to look up again.</summary>
    public ClusterEvents Events { get; }

    /// <summary>Where single writers are.</summary>
    public ClusterPlacement Placement { get; }

    /// <summary>Whether who keeps the sessions can be asked: Redis; the nodes' own memory always.</summary>
    public bool IsReachable => _pool?.IsReachable ?? true;

    /// <summary>Puts them together; nothing is sent before the node has joined. Connects to nothing yet.</summary>
    /// <exception cref="StartException">A file of the Redis pool's <c>tls</c> table cannot be used.</exception>
    public static ClusterSessions Create(MeerkatConfiguration configuration, OrleansCluster cluster, TimeProvider time, ILoggerFactory loggers)
    {
        RedisPool? pool = null;
        if (configuration.General.SmBackend is SessionBackend.Redis)
        {
            try
            {
                pool = new RedisPool(ConfigurationChecks.DefaultPool, configuration.Pools.Redis[ConfigurationChecks.DefaultPool], time, loggers.CreateLogger<RedisPool>());
            }
            catch (CryptographicException unusable)
            {
                throw new StartException($"the tls table of the Redis pool {ConfigurationChecks.DefaultPool} cannot be used: {unusable.Message}", unusable);
            }
        }

        return new ClusterSessions(configuration.Cluster!, cluster, pool, time, loggers);
    }

    /// <summary>The node is about to join: from here on it serves the others.</summary>
    public void Start(ServerContext server)
    {
        Directory.Start(server);
        Events.Start(server);
    }

    /// <summary>The node has joined: ends when the others have seen that, so that they tell it what changes.</summary>
    public Task JoinedAsync(CancellationToken ct) => _greetings.GreetAsync(ct);

    /// <summary>The node stops: what is new is made on the others.</summary>
    public void Close() => Placement.Close();

    /// <summary>The node is about to leave: ends when what others asked of it is answered, and they have taken what was sent to them.</summary>
    public async Task LeavingAsync(CancellationToken ct)
    {
        await Placement.SettleAsync(ct);
        await _greetings.GreetAsync(ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Directory.DisposeAsync();
        _registry.Dispose();
        Placement.Dispose();
        Events.Dispose();
        Link.Dispose();
        if (_pool is not null)
        {
            await _pool.DisposeAsync();
        }
    }
}
