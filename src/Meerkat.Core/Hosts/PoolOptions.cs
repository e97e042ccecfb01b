using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Core.Hosts;

/// <summary>What a table of <c>[outgoing_pools]</c> has, whatever it leads to (CONF-127 to CONF-131). What a worker and a call are, <see cref="OutgoingPoolsOptions"/> says for each kind.</summary>
public abstract record PoolOptions : IValidatableObject
{
    private const int DefaultQueue = 8192;

    /// <summary><c>scope</c>: one pool for all, or one for each host. Default <c>global</c> (CONF-127).</summary>
    public PoolScope Scope { get; init; } = PoolScope.Global;

    /// <summary><c>strategy</c>: how a worker is chosen. Default <c>best_worker</c> (CONF-128). Checked, and no more: a request takes what is free, or has the least to do.</summary>
    public WorkerStrategy Strategy { get; init; } = WorkerStrategy.BestWorker;

    /// <summary><c>workers</c>: how much is done at a time; of what, the kind of the pool says. Default 10, for <c>cassandra</c> 20 (CONF-129).</summary>
    [AtLeast(1)]
    public int Workers { get; init; } = 10;

    /// <summary><c>call_timeout</c>: how long a request may take, in milliseconds; what belongs to it, the kind of the pool says. Default 5000, for <c>rdbms</c> 60 000 (CONF-130).</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds)]
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMilliseconds(5000);

    /// <summary><c>max_worker_queue_len</c>: how many requests may wait, for each worker; more fail at once, and what needed a database is answered <c>resource-constraint</c>. Only with the
    /// strategy <c>best_worker</c>. Absent: 8192 for the pool, where the reference has no limit (CONF-131).</summary>
    [AtLeast(0)]
    public int? MaxWorkerQueueLen { get; init; }

    /// <summary>How many requests may wait in all.</summary>
    public long QueueLimit => MaxWorkerQueueLen is { } length ? (long)length * Workers : DefaultQueue;

    /// <summary>CONF-028.</summary>
    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxWorkerQueueLen is not null && Strategy is not WorkerStrategy.BestWorker)
        {
            yield return new ConfigRule("is only allowed with strategy = \"best_worker\"", nameof(MaxWorkerQueueLen), "invalid_worker_pool_strategy_option");
        }
    }
}
