using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;
using Meerkat.Core.Tls;

namespace Meerkat.Core.Hosts;

/// <summary>One Redis server: an <c>[outgoing_pools.redis.&lt;tag&gt;]</c> table.</summary>
public sealed record RedisPoolOptions : PoolOptions
{
    /// <summary><c>connection</c>: which server. Absent: the one on this machine.</summary>
    public RedisConnectionOptions Connection { get; init; } = new();

    /// <summary>CONF-028, CONF-147.</summary>
    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Strategy is WorkerStrategy.AvailableWorker)
        {
            yield return new ConfigRule("cannot be \"available_worker\" for Redis", nameof(Strategy), "wrong_strategy_for_redis");
        }

        foreach (var broken in base.Validate(validationContext))
        {
            yield return broken;
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
