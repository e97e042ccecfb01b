using System.Security.Cryptography;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Server.Configuration;
using Meerkat.Storage.Redis;
using Meerkat.Storage.Redis.Sessions;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>The sessions of a server that writes them into Redis (<c>general.sm_backend = "redis"</c>, CONF-057).</summary>
internal sealed class RedisSessions : IAsyncDisposable
{
    private readonly RedisPool _pool;
    private readonly MeerkatConfiguration _configuration;

    private RedisSessions(RedisPool pool, MeerkatConfiguration configuration, TabledSessionDirectory directory)
    {
        _pool = pool;
        _configuration = configuration;
        Directory = directory;
    }

    /// <summary>The directory.</summary>
    public TabledSessionDirectory Directory { get; }

    /// <summary>Whether Redis can be reached.</summary>
    public bool IsReachable => _pool.IsReachable;

    /// <summary>Null where the configuration wants them in memory alone. Connects to nothing yet.</summary>
    /// <exception cref="StartException">A file of the pool's <c>tls</c> table cannot be used.</exception>
    public static RedisSessions? Create(MeerkatConfiguration configuration, DataFolder folder, TimeProvider time, ILoggerFactory loggers)
    {
        if (configuration.General.SmBackend is not SessionBackend.Redis)
        {
            return null;
        }

        RedisPool pool;
        try
        {
            pool = new RedisPool(ConfigurationChecks.DefaultPool, configuration.Pools.Redis[ConfigurationChecks.DefaultPool], time, loggers.CreateLogger<RedisPool>());
        }
        catch (CryptographicException unusable)
        {
            throw new StartException($"the tls table of the Redis pool {ConfigurationChecks.DefaultPool} cannot be used: {unusable.Message}", unusable);
        }

        return new RedisSessions(pool, configuration, new TabledSessionDirectory(new RedisSessionTable(pool), NameOf(folder), time, loggers.CreateLogger<TabledSessionDirectory>()));
    }

    /// <summary>Takes away what an earlier run has left. Goes on without, when Redis cannot be reached within <c>call_timeout</c> (CONF-134).</summary>
    /// <exception cref="StartException">Redis is there and refuses what the configuration says.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        var starting = Directory.StartAsync(_pool.CallTimeout, ct);
        await RefuseWrongAccessAsync(_configuration, ct);
        await starting;
    }

    /// <summary>Makes sure that Redis, where it is used and there, does not refuse what the configuration says.</summary>
    /// <exception cref="StartException">It does.</exception>
    public static async Task RefuseWrongAccessAsync(MeerkatConfiguration configuration, CancellationToken ct)
    {
        if ((configuration.General.SmBackend is SessionBackend.Redis || configuration.Cluster is { Membership: ClusterMembership.Redis })
            && await RedisPool.FindRefusalAsync(ConfigurationChecks.DefaultPool, configuration.Pools.Redis[ConfigurationChecks.DefaultPool], ct) is { } refusal)
        {
            throw new StartException(refusal);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Directory.DisposeAsync();
        await _pool.DisposeAsync();
    }

    // The data folder makes the node: after a restart it is the same, and a second server on this machine is another.
    private static string NameOf(DataFolder folder)
    {
        byte[] named = [.. "node"u8, .. folder.Secret().Span];
        return $"{Environment.MachineName.ToLowerInvariant()}-{Convert.ToHexStringLower(SHA256.HashData(named).AsSpan(0, 4))}";
    }
}
