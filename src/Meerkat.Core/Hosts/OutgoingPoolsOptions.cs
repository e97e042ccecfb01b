namespace Meerkat.Core.Hosts;

/// <summary>Connections to other services, by type and tag: the <c>[outgoing_pools]</c> section (CONF-127 to CONF-172).</summary>
public sealed record OutgoingPoolsOptions
{
    /// <summary><c>rdbms.&lt;tag&gt;</c>: SQL databases by tag; modules use the tag <c>default</c>. Workers are connections at most, opened when they are needed (SQLite: those that read; one more writes).
    /// <c>call_timeout</c> is how long a request may wait for a connection before it is answered <c>resource-constraint</c>, and how long a start waits for the database to be there.</summary>
    public IReadOnlyDictionary<string, RdbmsPoolOptions> Rdbms { get; init; } = new Dictionary<string, RdbmsPoolOptions>();

    /// <summary><c>redis.&lt;tag&gt;</c>: Redis servers by tag; the table of sessions uses the tag <c>default</c>, for all hosts. Workers are requests under way, beside those that may wait: one connection
    /// carries them all. <c>call_timeout</c> counts the waiting for a server that is gone too, and is how long a start waits for the server. The strategy <c>available_worker</c> is not allowed
    /// (CONF-147).</summary>
    public IReadOnlyDictionary<string, RedisPoolOptions> Redis { get; init; } = new Dictionary<string, RedisPoolOptions>();

    /// <summary><c>cassandra.&lt;tag&gt;</c>: Cassandra clusters by tag; modules use the tag <c>default</c>. Workers are connections in all, spread evenly over the servers, at least one to each; each carries
    /// many requests at a time. <c>call_timeout</c> counts attempts on other servers too, and is how long a start waits for a server to be there.</summary>
    public IReadOnlyDictionary<string, CassandraPoolOptions> Cassandra { get; init; } = new Dictionary<string, CassandraPoolOptions>();

    /// <summary><c>http.&lt;tag&gt;</c>: web services by tag; the method <c>http</c> of <c>auth</c> uses the tag <c>auth</c>, modules name theirs. Workers are requests under way; hosts that use the
    /// same table share its connections. <c>call_timeout</c> counts the waiting for a turn too.</summary>
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
