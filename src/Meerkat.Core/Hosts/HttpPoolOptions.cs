using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;
using Meerkat.Core.Tls;

namespace Meerkat.Core.Hosts;

/// <summary>One web service that is asked: an <c>[outgoing_pools.http.&lt;tag&gt;]</c> table.</summary>
public sealed record HttpPoolOptions : IValidatableObject
{
    /// <summary><c>scope</c>: one pool for all, or one for each host. Default <c>global</c> (CONF-127). Connections are shared by those that use the same table.</summary>
    public PoolScope Scope { get; init; } = PoolScope.Global;

    /// <summary><c>strategy</c>: how a worker is chosen. Default <c>best_worker</c> (CONF-128). A request takes whichever connection is free.</summary>
    public WorkerStrategy Strategy { get; init; } = WorkerStrategy.BestWorker;

    /// <summary><c>workers</c>: how many requests may be under way. Default 10 (CONF-129).</summary>
    [AtLeast(1)]
    public int Workers { get; init; } = 10;

    /// <summary><c>call_timeout</c>: how long a request may take, in milliseconds, the waiting for its turn included. Default 5000 (CONF-130).</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds)]
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMilliseconds(5000);

    /// <summary><c>max_worker_queue_len</c>: how many requests may wait, for each worker; more fail at once. Only with the strategy <c>best_worker</c>. Absent: 8192 for the pool, where the reference has no limit (CONF-131).</summary>
    [AtLeast(0)]
    public int? MaxWorkerQueueLen { get; init; }

    /// <summary><c>connection</c>: which service.</summary>
    public required HttpConnectionOptions Connection { get; init; }

    /// <summary>CONF-028.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxWorkerQueueLen is not null && Strategy is not WorkerStrategy.BestWorker)
        {
            yield return new ConfigRule("is only allowed with strategy = \"best_worker\"", nameof(MaxWorkerQueueLen), "invalid_worker_pool_strategy_option");
        }
    }
}

/// <summary>Where a web service is: the <c>connection</c> table of a pool (CONF-148 to CONF-151).</summary>
public sealed record HttpConnectionOptions
{
    /// <summary><c>host</c>: the service's scheme, name and port: <c>https://auth.example:8000</c> (CONF-148).</summary>
    [WebServer]
    public required string Host { get; init; }

    /// <summary><c>path_prefix</c>: what stands before all paths. Default <c>/</c> (CONF-149).</summary>
    [NonEmpty]
    public string PathPrefix { get; init; } = "/";

    /// <summary><c>request_timeout</c>: how long the service may take for an answer, in milliseconds. Default 2000; 0 leaves it to <c>call_timeout</c> (CONF-150).</summary>
    [AtLeast(0), Unit(TimeUnit.Milliseconds)]
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMilliseconds(2000);

    /// <summary><c>tls</c>: for <c>https</c>. Absent: the certificate must be trusted by the system and name the host (CONF-151).</summary>
    public ClientTlsOptions? Tls { get; init; }
}

/// <summary>Scheme, name and port of a web server, and nothing behind them.</summary>
public sealed class WebServerAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "\"http[s]://name[:port]\"";

    /// <inheritdoc/>
    public override string? Accept(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0 ? value : null;
}
