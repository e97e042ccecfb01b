using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Core.Hosts;

/// <summary>Connections to other services, by type and tag: the <c>[outgoing_pools]</c> section (CONF-127 to CONF-172).</summary>
public sealed record OutgoingPoolsOptions
{
    /// <summary><c>rdbms.&lt;tag&gt;</c>: SQL databases by tag; modules use the tag <c>default</c>.</summary>
    public IReadOnlyDictionary<string, RdbmsPoolOptions> Rdbms { get; init; } = new Dictionary<string, RdbmsPoolOptions>();
}

/// <summary>One SQL database: an <c>[outgoing_pools.rdbms.&lt;tag&gt;]</c> table.</summary>
public sealed record RdbmsPoolOptions : IValidatableObject
{
    /// <summary><c>scope</c>: one pool for all, or one for each host. Default <c>global</c> (CONF-127).</summary>
    public PoolScope Scope { get; init; } = PoolScope.Global;

    /// <summary><c>strategy</c>: how a worker is chosen. Default <c>best_worker</c> (CONF-128).</summary>
    public WorkerStrategy Strategy { get; init; } = WorkerStrategy.BestWorker;

    /// <summary><c>workers</c>: how many. Default 10 (CONF-129).</summary>
    [AtLeast(1)]
    public int Workers { get; init; } = 10;

    /// <summary><c>call_timeout</c>: in milliseconds. Default 60 000 (CONF-130).</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds)]
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMilliseconds(60_000);

    /// <summary><c>max_worker_queue_len</c>: only with the strategy <c>best_worker</c>; null is no limit (CONF-131).</summary>
    [AtLeast(0)]
    public int? MaxWorkerQueueLen { get; init; }

    /// <summary><c>connection</c>: which database.</summary>
    public required RdbmsConnectionOptions Connection { get; init; }

    /// <summary>CONF-028.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxWorkerQueueLen is not null && Strategy is not WorkerStrategy.BestWorker)
        {
            yield return new ConfigRule("is only allowed with strategy = \"best_worker\"", nameof(MaxWorkerQueueLen), "invalid_worker_pool_strategy_option");
        }
    }
}

/// <summary>Where a SQL database is: the <c>connection</c> table of a pool.</summary>
public sealed record RdbmsConnectionOptions
{
    /// <summary><c>driver</c>: which kind of database (CONF-135). Ours: <c>sqlite</c>.</summary>
    public required RdbmsDriver Driver { get; init; }

    /// <summary><c>path</c>: the file of the SQLite database; made when it is not there.</summary>
    [NonEmpty]
    public required string Path { get; init; }
}

/// <summary>Kinds of SQL databases.</summary>
public enum RdbmsDriver
{
    /// <summary>A SQLite file. Ours: the reference has no such driver.</summary>
    Sqlite,

    /// <summary>PostgreSQL.</summary>
    [NotAvailable("PostgreSQL is not supported yet")]
    Pgsql,

    /// <summary>MySQL or MariaDB.</summary>
    [NotAvailable("MySQL is not supported yet")]
    Mysql,

    /// <summary>CockroachDB.</summary>
    [NotAvailable("CockroachDB is not supported yet")]
    Cockroachdb,
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
