using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hooks;

/// <summary>Order on the sender's side (CORE-132).</summary>
public enum MessageSlot
{
    /// <summary>Assigns the stable stanza id (XEP-0359).</summary>
    StanzaId,

    /// <summary>Asks an external service.</summary>
    Filter,

    /// <summary>Advanced message processing (XEP-0079).</summary>
    Amp,

    /// <summary>Privacy lists and blocking.</summary>
    Privacy,

    /// <summary>Archive.</summary>
    Archive,

    /// <summary>Inbox.</summary>
    Inbox,

    /// <summary>Copies to the sender's other resources (XEP-0280).</summary>
    Carbons,

    /// <summary>Smart markers.</summary>
    SmartMarkers,

    /// <summary>Events: whoever only looks.</summary>
    Observe,
}

/// <summary>Order on the recipient's side, once per account (CORE-132).</summary>
public enum ReceivedSlot
{
    /// <summary>Privacy list that holds for the account, whichever session gets it.</summary>
    Privacy,

    /// <summary>Assigns the recipient's stable stanza id (XEP-0359).</summary>
    StanzaId,

    /// <summary>Smart markers.</summary>
    SmartMarkers,

    /// <summary>Archive.</summary>
    Archive,

    /// <summary>Events.</summary>
    Events,

    /// <summary>Inbox.</summary>
    Inbox,

    /// <summary>Drops errors that answer the server's own pings (PNG-005).</summary>
    Ping,
}

/// <summary>What happens to a message that was handed to sessions.</summary>
public enum DeliveredSlot
{
    /// <summary>Copies to the recipient's other resources (XEP-0280).</summary>
    Carbons,

    /// <summary>Whoever only looks.</summary>
    Observe,
}

/// <summary>Who takes a message that no session could get, in order (ROU-004). The first that takes it stops the chain; nobody: it bounces.</summary>
public enum OfflineSlot
{
    /// <summary>Chat markers are kept apart (mod_offline_chatmarkers).</summary>
    ChatMarkers,

    /// <summary>Push notifications.</summary>
    Push,

    /// <summary>Offline storage (mod_offline).</summary>
    Store,

    /// <summary>Rooms that keep their own history take what nobody else wants: they do not hear of it (MUL-011).</summary>
    Rooms,

    /// <summary>Swallows what is left (mod_offline_stub).</summary>
    Stub,
}

/// <summary>Who hears of a message that waits because its client cannot be reached.</summary>
public enum UnreachedSlot
{
    /// <summary>Push notifications.</summary>
    Push,

    /// <summary>Whoever only looks.</summary>
    Observe,
}

/// <summary>Hooks of messages.</summary>
public static class MessageHooks
{
    /// <summary>A local account sent a message; it has not been routed yet. Runs in the sender's host type.</summary>
    public static readonly Hook<MessageContext, MessageSlot> Sent = new("message.sent");

    /// <summary>A message reached its recipient's domain; it has not been delivered yet. Runs in the recipient's host type, once per account.</summary>
    public static readonly Hook<MessageContext, ReceivedSlot> Received = new("message.received");

    /// <summary>A message was handed to at least one session of the recipient.</summary>
    public static readonly Hook<DeliveredContext, DeliveredSlot> Delivered = new("message.delivered");

    /// <summary>A message is kept for a session whose connection was lost (CORE-215). Runs beside the message's road, which does not wait for it.</summary>
    public static readonly Hook<UnreachedContext, UnreachedSlot> Unreached = new("message.unreached");

    /// <summary>No session can get a message of type normal, chat or unknown (CORE-153). Stop means: taken.</summary>
    public static readonly Hook<MessageContext, OfflineSlot> Offline = new("message.offline");

    /// <summary>No session can get a message of type groupchat (CORE-151). Stop means: taken.</summary>
    public static readonly Hook<MessageContext, OfflineSlot> OfflineGroupchat = new("message.offline-groupchat");
}

/// <summary>A message on its road. A handler may replace <see cref="Message"/>; who stops the chain answers for it.</summary>
/// <param name="host">Host type in which the hook runs.</param>
/// <param name="account">The account that the hook is about: the sender's or the recipient's.</param>
/// <param name="message">The message.</param>
/// <param name="origin">The local session that sent it, or null.</param>
public sealed class MessageContext(HostType host, BareJid account, Message message, Session? origin)
{
    /// <summary>Host type in which the hook runs.</summary>
    public HostType Host { get; } = host;

    /// <summary>The account that the hook is about: the sender's in <see cref="MessageHooks.Sent"/>, else the recipient's.</summary>
    public BareJid Account { get; } = account;

    /// <summary>The message.</summary>
    public Message Message { get; set; } = message;

    /// <summary>The local session that sent it; null when it came from the server, a service or a re-routing.</summary>
    public Session? Origin { get; } = origin;

    /// <summary>The error that a handler which stopped an offline chain wants sent instead of a bounce (OFF-003); null for none.</summary>
    public StanzaError? Refusal { get; set; }

    /// <summary>How many messages of this conversation its recipient has not read, this one included (INB-017); null when nobody counts. For push notifications.</summary>
    public int? Unread { get; set; }

    /// <summary>Whether the message was delivered before, to a session that ended without it: hooks that ran for it do not run again.</summary>
    public bool IsRedelivery { get; init; }

    /// <summary>Keeps stream management from acknowledging the message to its sender before <paramref name="written"/> completes.</summary>
    /// <remarks>Delivery does not wait. When there is no sending session to acknowledge to, the caller waits for the write itself.</remarks>
    /// <returns>A task to await: at once complete when a sending session keeps the watermark.</returns>
    public ValueTask BeforeAcknowledgeAsync(Task written) =>
        Origin is { } session ? session.Watermark.HoldAsync(written) : new ValueTask(written);
}

/// <summary>A message that is kept for a session without a connection.</summary>
/// <param name="Session">The session.</param>
/// <param name="Message">The message.</param>
public sealed record UnreachedContext(Session Session, Message Message);

/// <summary>A message and the sessions that got it.</summary>
/// <param name="Host">Host type of the recipient.</param>
/// <param name="Account">The recipient.</param>
/// <param name="Message">The message.</param>
/// <param name="Sessions">All sessions of the account.</param>
/// <param name="DeliveredTo">Those that got it; a message to a full JID has one.</param>
public sealed record DeliveredContext(HostType Host, BareJid Account, Message Message, IReadOnlyList<IBoundSession> Sessions, IReadOnlyList<IBoundSession> DeliveredTo);
