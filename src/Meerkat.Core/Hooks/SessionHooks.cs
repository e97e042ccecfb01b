using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hooks;

/// <summary>Order when a session opens.</summary>
public enum SessionOpeningSlot
{
    /// <summary>The administrator's blocklist.</summary>
    Blocklist,

    /// <summary>The listener's access rule.</summary>
    Access,

    /// <summary>The account's privacy lists are brought into memory: from the first stanza on they hold.</summary>
    Privacy,
}

/// <summary>Order when a session's presence changes or the session ends.</summary>
public enum SessionSlot
{
    /// <summary>Privacy lists.</summary>
    Privacy,

    /// <summary>Messages that waited in offline storage.</summary>
    Offline,

    /// <summary>Chat markers that waited.</summary>
    ChatMarkers,

    /// <summary>RFC 6121 presence.</summary>
    Presence,

    /// <summary>Rooms that the session is in.</summary>
    Rooms,

    /// <summary>Pending subscription requests.</summary>
    Roster,

    /// <summary>Last activity.</summary>
    LastActivity,

    /// <summary>Entity capabilities.</summary>
    Caps,

    /// <summary>Carbons.</summary>
    Carbons,

    /// <summary>Pings of idle clients.</summary>
    Ping,

    /// <summary>Stream management's registry.</summary>
    StreamManagement,

    /// <summary>Data of anonymous users.</summary>
    Anonymous,

    /// <summary>Whoever only looks.</summary>
    Observe,

    /// <summary>Privacy lists are forgotten: all that had to go by them has been sent.</summary>
    PrivacyEnd,
}

/// <summary>Filters of stanzas on their way to one session, in order. Synchronous: the road of a stanza does not wait here.</summary>
public enum DeliverySlot
{
    /// <summary>The session's active privacy list.</summary>
    Privacy,

    /// <summary>Presence bookkeeping.</summary>
    Presence,
}

/// <summary>Hooks of sessions.</summary>
public static class SessionHooks
{
    /// <summary>A resource is about to be bound. Stop refuses it with <c>not-allowed</c> (CORE-117).</summary>
    public static readonly Hook<SessionOpening, SessionOpeningSlot> Opening = new("session.opening");

    /// <summary>A session was bound and is in the directory.</summary>
    public static readonly Hook<Session, SessionSlot> Opened = new("session.opened");

    /// <summary>The session became available: its first presence, or a priority that rose from negative (CORE-159, CORE-161).</summary>
    public static readonly Hook<SessionAvailable, SessionSlot> Available = new("session.available");

    /// <summary>The session sent <c>unavailable</c> and is still bound.</summary>
    public static readonly Hook<SessionUnavailable, SessionSlot> Unavailable = new("session.unavailable");

    /// <summary>The session ended and is out of the directory (CORE-127).</summary>
    public static readonly Hook<SessionClosed, SessionSlot> Closed = new("session.closed");

    /// <summary>The session was lost with its node, and another one has its full JID already: only those are told who know sessions by more than their address. <see cref="Closed"/> is not told.</summary>
    public static readonly Hook<SessionClosed, SessionSlot> Superseded = new("session.superseded");

    /// <summary>The session was resumed on another connection (XEP-0198 §5).</summary>
    public static readonly Hook<Session, SessionSlot> Resumed = new("session.resumed");

    /// <summary>The connection of a session was lost and the session waits for resumption.</summary>
    public static readonly Hook<Session, SessionSlot> Detached = new("session.detached");
}

/// <summary>A resource that wants to be bound.</summary>
/// <param name="Jid">Its full JID.</param>
/// <param name="Host">Its host type.</param>
/// <param name="Access">Name of the listener's access rule.</param>
public sealed record SessionOpening(FullJid Jid, Hosts.HostType Host, string Access);

/// <summary>A session that became available.</summary>
/// <param name="Session">The session.</param>
/// <param name="Presence">Its presence.</param>
/// <param name="WasAvailable">False for the first available presence, true when only the priority rose from negative.</param>
public sealed record SessionAvailable(Session Session, Presence Presence, bool WasAvailable);

/// <summary>A session that is no longer available.</summary>
/// <param name="Session">The session.</param>
/// <param name="Presence">The unavailable presence.</param>
public sealed record SessionUnavailable(Session Session, Presence Presence);

/// <summary>A session that ended.</summary>
/// <param name="Session">The session.</param>
/// <param name="End">Why.</param>
public sealed record SessionClosed(Session Session, SessionEnd End);
