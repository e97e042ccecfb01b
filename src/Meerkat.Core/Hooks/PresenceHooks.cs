using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hooks;

/// <summary>Order in which a presence from a client is handled.</summary>
public enum PresenceSentSlot
{
    /// <summary>Privacy lists and blocking.</summary>
    Privacy,

    /// <summary>RFC 6121 presence: broadcasts, directed presence, subscriptions. It routes; presences are not routed by anybody else (CORE-131).</summary>
    Presence,

    /// <summary>Entity capabilities of the own resource.</summary>
    Caps,

    /// <summary>Whoever only looks.</summary>
    Observe,
}

/// <summary>Order in which a presence to a local account is handled.</summary>
public enum PresenceReceivedSlot
{
    /// <summary>Keeps traffic within a domain.</summary>
    Isolation,

    /// <summary>The account's default privacy list.</summary>
    Privacy,

    /// <summary>The roster's subscription state machine: stops what it found to change nothing (ROU-006).</summary>
    Roster,

    /// <summary>RFC 6121 presence: answers probes, keeps the available-set, hands the rest to sessions.</summary>
    Presence,
}

/// <summary>Hooks of presences.</summary>
public static class PresenceHooks
{
    /// <summary>A bound client sent a presence. Without a handler it has no effect at all (CORE-133).</summary>
    public static readonly Hook<PresenceSentContext, PresenceSentSlot> Sent = new("presence.sent");

    /// <summary>A presence reached a local account (bare or full JID). Nobody stops it: it goes to the addressed sessions.</summary>
    public static readonly Hook<PresenceReceivedContext, PresenceReceivedSlot> Received = new("presence.received");
}

/// <summary>A presence from a bound client.</summary>
/// <param name="session">The session.</param>
/// <param name="presence">The presence; <see cref="Stanza.To"/> is null where the client gave none.</param>
public sealed class PresenceSentContext(Session session, Presence presence)
{
    /// <summary>The session.</summary>
    public Session Session { get; } = session;

    /// <summary>The presence.</summary>
    public Presence Presence { get; set; } = presence;
}

/// <summary>A presence to a local account.</summary>
/// <param name="host">Host type of the account.</param>
/// <param name="account">The account.</param>
/// <param name="presence">The presence.</param>
public sealed class PresenceReceivedContext(HostType host, BareJid account, Presence presence)
{
    /// <summary>Host type of the account.</summary>
    public HostType Host { get; } = host;

    /// <summary>The account.</summary>
    public BareJid Account { get; } = account;

    /// <summary>The presence.</summary>
    public Presence Presence { get; set; } = presence;
}
