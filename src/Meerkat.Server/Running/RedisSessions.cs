using System.Security.Cryptography;
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

    private RedisSessions(RedisPool pool, TabledSessionDirectory directory)
    {
        _pool = pool;
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

        return new RedisSessions(pool, new TabledSessionDirectory(new RedisSessionTable(pool), NameOf(folder), time, loggers.CreateLogger<TabledSessionDirectory>()));
    }

    /// <summary>Takes away what an earlier run has left. Goes on without, when Redis cannot be reached within <c>call_timeout</c> (CONF-134).</summary>
    public Task StartAsync(CancellationToken ct) => Directory.StartAsync(_pool.CallTimeout, ct);

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
