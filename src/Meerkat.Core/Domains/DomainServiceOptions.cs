using Meerkat.Core.Configuration;

namespace Meerkat.Core.Domains;

/// <summary>Domains that are added while the server runs: the <c>[services.service_domain_db]</c> table (CONF-173 to CONF-175). Without it there are none.</summary>
public sealed record DomainServiceOptions
{
    /// <summary>The value of <see cref="DbPool"/> that means the pool of the whole server.</summary>
    public const string GlobalPool = "global";

    /// <summary><c>db_pool</c>: which <c>[outgoing_pools.rdbms.default]</c> the domains are in: <c>global</c>, or a host type's own by its name. Default <c>global</c>; where there is no such pool, they are in
    /// the embedded database.</summary>
    [NonEmpty]
    public string DbPool { get; init; } = GlobalPool;

    /// <summary><c>event_cleaning_interval</c>: in seconds, how often old events are removed. Default 1800.</summary>
    [AtLeast(1), Unit(TimeUnit.Seconds)]
    public TimeSpan EventCleaningInterval { get; init; } = TimeSpan.FromSeconds(1800);

    /// <summary><c>event_max_age</c>: in seconds, how old an event is when it is removed. A server that was away for longer reads all domains anew. Default 7200.</summary>
    [AtLeast(1), Unit(TimeUnit.Seconds)]
    public TimeSpan EventMaxAge { get; init; } = TimeSpan.FromSeconds(7200);

    /// <summary><c>event_polling_interval</c>: ours; in seconds, how often a server looks for changes that others have made; the nodes of a cluster tell each other at once besides. Default 30, the reference's fixed interval (CORE-242).</summary>
    [AtLeast(1), Unit(TimeUnit.Seconds)]
    public TimeSpan EventPollingInterval { get; init; } = TimeSpan.FromSeconds(30);
}
