namespace Meerkat.Core.Hosts;

/// <summary>Connections to other services, by type and tag: the <c>[outgoing_pools]</c> section (CONF-127 to CONF-172).</summary>
public sealed record OutgoingPoolsOptions
{
    /// <summary><c>rdbms.&lt;tag&gt;</c>: SQL databases by tag; modules use the tag <c>default</c>.</summary>
    public IReadOnlyDictionary<string, RdbmsPoolOptions> Rdbms { get; init; } = new Dictionary<string, RdbmsPoolOptions>();

    /// <summary><c>redis.&lt;tag&gt;</c>: Redis servers by tag; the table of sessions uses the tag <c>default</c> (CONF-147).</summary>
    public IReadOnlyDictionary<string, RedisPoolOptions> Redis { get; init; } = new Dictionary<string, RedisPoolOptions>();

    /// <summary><c>cassandra.&lt;tag&gt;</c>: Cassandra clusters by tag; modules use the tag <c>default</c>.</summary>
    public IReadOnlyDictionary<string, CassandraPoolOptions> Cassandra { get; init; } = new Dictionary<string, CassandraPoolOptions>();

    /// <summary><c>http.&lt;tag&gt;</c>: web services by tag; the method <c>http</c> of <c>auth</c> uses the tag <c>auth</c>, modules name theirs.</summary>
    public IReadOnlyDictionary<string, HttpPoolOptions> Http { get; init; } = new Dictionary<string, HttpPoolOptions>();
}

/// <summary>Whom a pool serves (CONF-127).</summary>
public enum PoolScope
{
    /// <summary>All hosts.</summary>
    Global,

    /// <summary>One pool for each host.</summary>
    HostType,

    /// <summary>The older name of <see cref="HostType"/>.</summary>
    Host,
}

/// <summary>How a pool chooses the worker of a request (CONF-128).</summary>
public enum WorkerStrategy
{
    /// <summary>The one with the shortest queue.</summary>
    BestWorker,

    /// <summary>Any.</summary>
    RandomWorker,

    /// <summary>One after the other.</summary>
    NextWorker,

    /// <summary>One that is free.</summary>
    AvailableWorker,

    /// <summary>The next one that is free.</summary>
    NextAvailableWorker,
}
