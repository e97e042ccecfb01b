namespace Meerkat.Modules.Muc;

/// <summary>What becomes of a room that nobody uses (MUC-101).</summary>
internal enum RestVerdict
{
    /// <summary>Nothing.</summary>
    Stay,

    /// <summary>It gives up what it can make again.</summary>
    Hibernate,

    /// <summary>It leaves the memory.</summary>
    Retire,

    /// <summary>Its last occupant is sent out, and it leaves the memory.</summary>
    Stop,
}

/// <summary>How long a room has not been used. Belongs to its room.</summary>
/// <param name="options">When rooms rest.</param>
/// <param name="time">The clock.</param>
internal sealed class RoomRest(MucOptions options, TimeProvider time)
{
    private long _used = time.GetTimestamp();
    private bool _isHibernated;

    /// <summary>The room is used.</summary>
    public void Wake()
    {
        _used = time.GetTimestamp();
        if (_isHibernated)
        {
            _isHibernated = false;
            MucMetrics.Hibernated(-1);
        }
    }

    /// <summary>Looks at the clock.</summary>
    /// <param name="room">The room.</param>
    /// <param name="mayStop">Whether rooms with somebody in them are looked at, too.</param>
    /// <param name="isBehind">Whether something waits to be written.</param>
    public RestVerdict Judge(RoomState room, bool mayStop, bool isBehind)
    {
        var idle = time.GetElapsedTime(_used);
        var isIdle = idle >= options.HibernateTimeout;
        var isDeep = mayStop && idle >= options.HibernatedRoomTimeout && room.Configuration.IsPersistent; // whatever the first option says
        if (room.Occupants.IsEmpty)
        {
            return (isIdle || isDeep) && !isBehind ? RestVerdict.Retire : RestVerdict.Stay;
        }

        if (isDeep && room.Occupants.Count == 1 && room.Occupants.Values.Single().Affiliation is Affiliation.Owner)
        {
            return RestVerdict.Stop;
        }

        return isIdle && !_isHibernated ? RestVerdict.Hibernate : RestVerdict.Stay;
    }

    /// <summary>The room has given up what it can make again.</summary>
    public void Hibernate()
    {
        _isHibernated = true;
        MucMetrics.Hibernated(1);
    }
}
