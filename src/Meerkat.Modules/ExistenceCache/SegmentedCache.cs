using Meerkat.Core.Accounts;
using Meerkat.Xmpp;

namespace Meerkat.Modules.ExistenceCache;

/// <summary>Accounts that are known to exist, in segments by age (CUS-001): the newest takes what comes, and when its time is over the oldest is forgotten whole.</summary>
/// <remarks>Safe for concurrent use. It grows with the accounts that are asked for, of which there are no more than accounts exist.</remarks>
internal sealed class SegmentedCache : IExistenceCache
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly CacheStrategy _strategy;
    private readonly TimeSpan? _timeToLive;
    private readonly LinkedList<HashSet<BareJid>> _segments = []; // newest first
    private readonly ExistenceCacheMetrics _metrics;
    private long _turned;
    private long _forgotten;

    public SegmentedCache(ExistenceCacheOptions options, TimeProvider time, ExistenceCacheMetrics metrics)
    {
        _time = time;
        _strategy = options.Strategy;
        _timeToLive = options.TimeToLive;
        _metrics = metrics;
        _turned = time.GetTimestamp();
        for (var i = 0; i < options.NumberOfSegments; i++)
        {
            _segments.AddLast(new HashSet<BareJid>());
        }
    }

    /// <inheritdoc/>
    public long Version
    {
        get
        {
            lock (_gate)
            {
                return _forgotten;
            }
        }
    }

    /// <inheritdoc/>
    public bool Contains(BareJid account)
    {
        var began = _time.GetTimestamp();
        bool found;
        lock (_gate)
        {
            Turn(began);
            found = Find(account);
        }

        _metrics.LookedUp(found, _time.GetElapsedTime(began));
        return found;
    }

    /// <inheritdoc/>
    public void Add(BareJid account, long version)
    {
        lock (_gate)
        {
            if (version == _forgotten)
            {
                Turn(_time.GetTimestamp());
                _segments.First!.Value.Add(account);
            }
        }
    }

    /// <summary>Forgets accounts, and whatever is being asked about any meanwhile.</summary>
    public void Remove(Predicate<BareJid> accounts)
    {
        lock (_gate)
        {
            _forgotten++;
            foreach (var segment in _segments)
            {
                segment.RemoveWhere(accounts);
            }
        }
    }

    /// <summary>Forgets one account.</summary>
    public void Remove(BareJid account)
    {
        lock (_gate)
        {
            _forgotten++;
            foreach (var segment in _segments)
            {
                segment.Remove(account);
            }
        }
    }

    private bool Find(BareJid account)
    {
        for (var node = _segments.First; node is not null; node = node.Next)
        {
            if (node.Value.Contains(account))
            {
                if (_strategy is CacheStrategy.Lru)
                {
                    _segments.First!.Value.Add(account);
                }

                return true;
            }
        }

        return false;
    }

    // No timer: whoever looks finds out what has become too old.
    private void Turn(long now)
    {
        if (_timeToLive is not { } timeToLive)
        {
            return;
        }

        var due = _time.GetElapsedTime(_turned, now).Ticks / timeToLive.Ticks;
        for (var i = 0; i < Math.Min(due, _segments.Count); i++)
        {
            _segments.RemoveLast();
            _segments.AddFirst(new HashSet<BareJid>());
        }

        if (due > 0)
        {
            _turned += (long)(due * timeToLive.TotalSeconds * _time.TimestampFrequency);
        }
    }
}
