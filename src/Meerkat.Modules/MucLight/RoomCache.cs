using Meerkat.Modules.ExistenceCache;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>Rooms that were read lately, in segments by age (MUL-053): the newest takes what comes, and when its time is over the oldest is forgotten whole.</summary>
/// <remarks>Safe for concurrent use. The writer of a room puts it in after a change, so that what is found is what was written last on this node.</remarks>
internal sealed class RoomCache
{
    private readonly Lock _gate = new();
    private readonly RoomCacheOptions _options;
    private readonly TimeProvider _time;
    private readonly LinkedList<Dictionary<BareJid, MucLightRoom>> _segments = []; // newest first
    private long _turned;

    public RoomCache(RoomCacheOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _turned = time.GetTimestamp();
        for (var i = 0; i < options.NumberOfSegments; i++)
        {
            _segments.AddLast([]);
        }
    }

    public MucLightRoom? Find(BareJid room)
    {
        lock (_gate)
        {
            Turn();
            foreach (var segment in _segments)
            {
                if (segment.TryGetValue(room, out var found))
                {
                    if (_options.Strategy is CacheStrategy.Lru)
                    {
                        _segments.First!.Value[room] = found;
                    }

                    return found;
                }
            }

            return null;
        }
    }

    public void Set(MucLightRoom room)
    {
        lock (_gate)
        {
            Turn();
            Forget(room.Jid);
            _segments.First!.Value[room.Jid] = room;
        }
    }

    public void Remove(BareJid room)
    {
        lock (_gate)
        {
            Forget(room);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            foreach (var segment in _segments)
            {
                segment.Clear();
            }
        }
    }

    private void Forget(BareJid room)
    {
        foreach (var segment in _segments)
        {
            segment.Remove(room);
        }
    }

    // No timer: whoever looks finds out what has become too old.
    private void Turn()
    {
        if (_options.TimeToLive is not { } timeToLive)
        {
            return;
        }

        var due = _time.GetElapsedTime(_turned).Ticks / timeToLive.Ticks;
        for (var i = 0; i < Math.Min(due, _segments.Count); i++)
        {
            _segments.RemoveLast();
            _segments.AddFirst([]);
        }

        if (due > 0)
        {
            _turned += (long)(due * timeToLive.TotalSeconds * _time.TimestampFrequency);
        }
    }
}
