using Meerkat.Core.Configuration;
using Meerkat.Core.Shaping;

namespace Meerkat.Modules.Muc;

/// <summary>Options of <c>mod_muc</c>: a <c>[modules.mod_muc]</c> table (CONF-247).</summary>
public sealed record MucOptions
{
    /// <summary><c>host</c>: the subdomain of the service. Default <c>conference.@HOST@</c>.</summary>
    [SubdomainTemplate]
    public string Host { get; init; } = "conference.@HOST@";

    /// <summary><c>backend</c>: where persistent rooms and registered nicks are kept. Default <c>mnesia</c>, the embedded store.</summary>
    public PersistentBackend Backend { get; init; } = PersistentBackend.Mnesia;

    /// <summary><c>online_backend</c>: where it is kept which rooms are active. Default <c>mnesia</c>; both names mean the memory of the node, or the cluster's.</summary>
    public TransientBackend OnlineBackend { get; init; } = TransientBackend.Mnesia;

    /// <summary><c>access</c>: who may use the service. Default <c>all</c>.</summary>
    [NonEmpty]
    public string Access { get; init; } = "all";

    /// <summary><c>access_create</c>: who may make rooms. Default <c>all</c>.</summary>
    [NonEmpty]
    public string AccessCreate { get; init; } = "all";

    /// <summary><c>access_admin</c>: who owns every room. Default <c>none</c>.</summary>
    [NonEmpty]
    public string AccessAdmin { get; init; } = "none";

    /// <summary><c>access_persistent</c>: which owners may make a room persistent. Default <c>all</c>.</summary>
    [NonEmpty]
    public string AccessPersistent { get; init; } = "all";

    /// <summary><c>history_size</c>: how many messages a newcomer is shown. Default 20.</summary>
    [AtLeast(0)]
    public int HistorySize { get; init; } = 20;

    /// <summary><c>room_shaper</c>: a shaper for all messages of a room, in messages a second. Default <c>none</c>.</summary>
    [NonEmpty]
    public string RoomShaper { get; init; } = ShaperOptions.None;

    /// <summary><c>user_message_shaper</c>: a shaper for one user's messages in a room, in messages a second. Default <c>none</c>.</summary>
    [NonEmpty]
    public string UserMessageShaper { get; init; } = ShaperOptions.None;

    /// <summary><c>user_presence_shaper</c>: a shaper for one user's presences in a room, in presences a second. Default <c>none</c>.</summary>
    [NonEmpty]
    public string UserPresenceShaper { get; init; } = ShaperOptions.None;

    /// <summary><c>max_room_id</c>: longest localpart of a new room, in bytes; null is <c>"infinity"</c>. Default infinity.</summary>
    [AtLeast(0), InfinityAllowed]
    public int? MaxRoomId { get; init; }

    /// <summary><c>max_room_name</c>: longest title, in bytes; null is <c>"infinity"</c>. Default infinity.</summary>
    [AtLeast(0), InfinityAllowed]
    public int? MaxRoomName { get; init; }

    /// <summary><c>max_room_desc</c>: longest description, in bytes; null is <c>"infinity"</c>. Default infinity.</summary>
    [AtLeast(0), InfinityAllowed]
    public int? MaxRoomDesc { get; init; }

    /// <summary><c>min_message_interval</c>: seconds between two messages of a user. Default 0.</summary>
    [AtLeast(0), Unit(TimeUnit.Seconds)]
    public TimeSpan MinMessageInterval { get; init; }

    /// <summary><c>min_presence_interval</c>: seconds between two presences of a user. Default 0.</summary>
    [AtLeast(0), Unit(TimeUnit.Seconds)]
    public TimeSpan MinPresenceInterval { get; init; }

    /// <summary><c>max_users</c>: most occupants of a room. Default 200.</summary>
    [AtLeast(1)]
    public int MaxUsers { get; init; } = 200;

    /// <summary><c>max_users_admin_threshold</c>: how many admins and owners may enter a room that is full. Default 5.</summary>
    [AtLeast(1)]
    public int MaxUsersAdminThreshold { get; init; } = 5;

    /// <summary><c>max_user_conferences</c>: how many rooms a user may be in. Default 10.</summary>
    [AtLeast(0)]
    public int MaxUserConferences { get; init; } = 10;

    /// <summary><c>load_permanent_rooms_at_startup</c>: no effect. A room is loaded when somebody wants it.</summary>
    public bool LoadPermanentRoomsAtStartup { get; init; }

    /// <summary><c>hibernate_timeout</c>: milliseconds without traffic after which a room gives back memory; null is <c>"infinity"</c>. Default 90 000.</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds), InfinityAllowed]
    public TimeSpan? HibernateTimeout { get; init; } = TimeSpan.FromMilliseconds(90_000);

    /// <summary><c>hibernated_room_check_interval</c>: milliseconds between looks for idle rooms to stop; null is <c>"infinity"</c>, the default: only rooms that are empty are stopped.</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds), InfinityAllowed]
    public TimeSpan? HibernatedRoomCheckInterval { get; init; }

    /// <summary><c>hibernated_room_timeout</c>: milliseconds without traffic after which a persistent room with nobody but one owner in it is stopped; null is <c>"infinity"</c>, the default.</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds), InfinityAllowed]
    public TimeSpan? HibernatedRoomTimeout { get; init; }

    /// <summary><c>http_auth_pool</c>: tag of the pool <c>[outgoing_pools.http.&lt;tag&gt;]</c> whose service is asked about passwords of rooms, in the place of their own (MUC-025). Default none.</summary>
    [NonEmpty]
    public string? HttpAuthPool { get; init; }

    /// <summary><c>default_room</c>: how a new room is configured.</summary>
    public DefaultRoomOptions DefaultRoom { get; init; } = new();
}
