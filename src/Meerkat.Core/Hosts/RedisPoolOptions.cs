using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;
using Meerkat.Core.Tls;

namespace Meerkat.Core.Hosts;

/// <summary>One Redis server: an <c>[outgoing_pools.redis.&lt;tag&gt;]</c> table.</summary>
public sealed record RedisPoolOptions : IValidatableObject
{
    /// <summary><c>scope</c>: one pool for all, or one for each host. Default <c>global</c> (CONF-127). The table of sessions has one.</summary>
    public PoolScope Scope { get; init; } = PoolScope.Global;

    /// <summary><c>strategy</c>: how a worker is chosen. Default <c>best_worker</c>; <c>available_worker</c> is not allowed (CONF-128, CONF-147).</summary>
    public WorkerStrategy Strategy { get; init; } = WorkerStrategy.BestWorker;

    /// <summary><c>workers</c>: how many requests may be under way, beside those that may wait. Default 10 (CONF-129). One connection carries them all.</summary>
    [AtLeast(1)]
    public int Workers { get; init; } = 10;

    /// <summary><c>call_timeout</c>: how long a request may take, in milliseconds, the waiting for a server that is gone included; and how long a start waits for the server. Default 5000 (CONF-130).</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds)]
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMilliseconds(5000);

    /// <summary><c>max_worker_queue_len</c>: how many requests may wait, for each worker; more are answered <c>resource-constraint</c> at once. Only with the strategy <c>best_worker</c>.
    /// Absent: 8192 for the pool, where the reference has no limit (CONF-131).</summary>
    [AtLeast(0)]
    public int? MaxWorkerQueueLen { get; init; }

    /// <summary><c>connection</c>: which server. Absent: the one on this machine.</summary>
    public RedisConnectionOptions Connection { get; init; } = new();

    /// <summary>CONF-028, CONF-147.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Strategy is WorkerStrategy.AvailableWorker)
        {
            yield return new ConfigRule("cannot be \"available_worker\" for Redis", nameof(Strategy), "wrong_strategy_for_redis");
        }

        if (MaxWorkerQueueLen is not null && Strategy is not WorkerStrategy.BestWorker)
        {
            yield return new ConfigRule("is only allowed with strategy = \"best_worker\"", nameof(MaxWorkerQueueLen), "invalid_worker_pool_strategy_option");
        }
    }
}

/// <summary>Where a Redis server is: the <c>connection</c> table of a pool (CONF-144 to CONF-146).</summary>
public sealed record RedisConnectionOptions
{
    /// <summary><c>host</c>: name or address. Default <c>127.0.0.1</c> (CONF-144).</summary>
    [NonEmpty]
    public string Host { get; init; } = "127.0.0.1";

    /// <summary><c>port</c>: its port. Default 6379 (CONF-144).</summary>
    [Range(1, 65535)]
    public int Port { get; init; } = 6379;

    /// <summary><c>database</c>: the number of the logical database. Default 0 (CONF-144).</summary>
    [AtLeast(0)]
    public int Database { get; init; }

    /// <summary><c>username</c>: who connects, where the server has users; null for its default user (CONF-145).</summary>
    public string? Username { get; init; }

    /// <summary><c>password</c>: its password. Default none (CONF-145).</summary>
    [Secret]
    public string Password { get; init; } = "";

    /// <summary><c>tls</c>: absent means no TLS (CONF-146).</summary>
    public ClientTlsOptions? Tls { get; init; }
}
