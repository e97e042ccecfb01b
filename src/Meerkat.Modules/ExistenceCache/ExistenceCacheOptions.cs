using Meerkat.Core.Configuration;

namespace Meerkat.Modules.ExistenceCache;

/// <summary>Options of <c>mod_cache_users</c>: a <c>[modules.mod_cache_users]</c> table (CONF-276).</summary>
public sealed record ExistenceCacheOptions
{
    /// <summary><c>strategy</c>: whether an entry that is used lives longer. Default <c>fifo</c>: it does not.</summary>
    public CacheStrategy Strategy { get; init; } = CacheStrategy.Fifo;

    /// <summary><c>time_to_live</c>: in minutes, how long a segment takes entries before the next one does; null is <c>"infinity"</c>. Default 480. An entry is forgotten after at most as many of these as there are segments.</summary>
    [AtLeast(1), InfinityAllowed, Unit(TimeUnit.Minutes)]
    public TimeSpan? TimeToLive { get; init; } = TimeSpan.FromMinutes(480);

    /// <summary><c>number_of_segments</c>: into how many parts the cache is cut, by age. Default 3.</summary>
    [AtLeast(1)]
    public int NumberOfSegments { get; init; } = 3;
}

/// <summary>Which entries are forgotten first.</summary>
public enum CacheStrategy
{
    /// <summary>Those that came first.</summary>
    Fifo,

    /// <summary>Those that were not used for longest.</summary>
    Lru,
}
