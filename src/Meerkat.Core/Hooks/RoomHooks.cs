using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hooks;

/// <summary>Who takes part when a room is about to broadcast a message, in order (MAM-060, MUC-041, MUL-011).</summary>
public enum RoomMessageSlot
{
    /// <summary>The room's archive: gives the message its id and stores it.</summary>
    Archive,

    /// <summary>Inboxes of the room's members.</summary>
    Inbox,

    /// <summary>Smart markers.</summary>
    Markers,

    /// <summary>Events and whoever only looks.</summary>
    Observe,
}

/// <summary>Who answers IQs that a room itself does not know.</summary>
public enum RoomIqSlot
{
    /// <summary>The room's archive.</summary>
    Archive,
}

/// <summary>Who hears that somebody's relation to a room has changed.</summary>
public enum RoomMemberSlot
{
    /// <summary>The member's inbox.</summary>
    Inbox,

    /// <summary>The member's smart markers.</summary>
    Markers,

    /// <summary>Whoever only looks.</summary>
    Observe,
}

/// <summary>Who hears that a room is gone for good.</summary>
public enum RoomGoneSlot
{
    /// <summary>The room's archive.</summary>
    Archive,

    /// <summary>Inboxes of the room's members.</summary>
    Inbox,

    /// <summary>Smart markers in the room.</summary>
    Markers,

    /// <summary>Whoever only looks.</summary>
    Observe,
}

/// <summary>Who takes part when a moderator takes a message back.</summary>
public enum RoomModerationSlot
{
    /// <summary>The room's archive.</summary>
    Archive,
}

/// <summary>Who says what a room can do (XEP-0030).</summary>
public enum RoomFeatureSlot
{
    /// <summary>The room's archive.</summary>
    Archive,
}

/// <summary>Who knows rooms and can answer questions about them.</summary>
public enum RoomQuestionSlot
{
    /// <summary><c>mod_muc</c>.</summary>
    Muc,

    /// <summary><c>mod_muc_light</c>.</summary>
    MucLight,
}

/// <summary>Hooks of rooms: how MUC and MUC Light feed archives, inboxes and markers without knowing them, and how those ask about rooms without knowing who has them.</summary>
/// <remarks>
/// <para>A room service runs, each time in the host type that it serves (<see cref="HostType.Hooks"/>):</para>
/// <list type="bullet">
/// <item><see cref="Message"/> before each groupchat broadcast (also a subject, and MUC Light's notices that have a body), once, not per occupant. What is in
/// <see cref="RoomMessageContext.Message"/> afterwards is what it broadcasts: the archive has put a <c>stanza-id</c> behind it. A stop means: do not broadcast.</item>
/// <item><see cref="Iq"/> for a get or set to the room's bare JID that it does not know itself, after finding out what the requester may; a stop means that
/// <see cref="RoomIqContext.Answer"/> is to be routed. Pages of an archive were routed to the requester before it.</item>
/// <item><see cref="MemberChanged"/> after an affiliation was stored and before or with its notice, once for each account that it is about.</item>
/// <item><see cref="Gone"/> when a room was destroyed (not when it is only stopped), with its members of that moment.</item>
/// <item><see cref="Moderated"/> when a moderator takes back what somebody said, after it has found out that he may; it tells its occupants itself when
/// <see cref="RoomModeration.IsKnown"/> is true afterwards, and answers <c>item-not-found</c> when it is not.</item>
/// <item><see cref="Features"/> when it answers disco#info for a room or the service; <see cref="RoomFeatures.List"/> is added to its own.</item>
/// </list>
/// <para>And it fills its slot of <see cref="Question"/>: for a room that it does not serve it continues the chain.</para>
/// </remarks>
public static class RoomHooks
{
    /// <summary>A room is about to broadcast a message of type groupchat.</summary>
    public static readonly Hook<RoomMessageContext, RoomMessageSlot> Message = new("room.message");

    /// <summary>A room got a request that is not its own to answer. Stop means: answered.</summary>
    public static readonly Hook<RoomIqContext, RoomIqSlot> Iq = new("room.iq");

    /// <summary>Somebody became a member or an owner of a room, or is not one any more.</summary>
    public static readonly Hook<RoomMemberChange, RoomMemberSlot> MemberChanged = new("room.member");

    /// <summary>A room was destroyed.</summary>
    public static readonly Hook<RoomGone, RoomGoneSlot> Gone = new("room.gone");

    /// <summary>A moderator takes a message back (XEP-0425).</summary>
    public static readonly Hook<RoomModeration, RoomModerationSlot> Moderated = new("room.moderated");

    /// <summary>What a room can do besides what its service knows.</summary>
    public static readonly Hook<RoomFeatures, RoomFeatureSlot> Features = new("room.features");

    /// <summary>Is this address a room, and what may an account do there? Stop means: answered.</summary>
    public static readonly Hook<RoomQuestion, RoomQuestionSlot> Question = new("room.question");
}

/// <summary>The two kinds of room.</summary>
public enum RoomKind
{
    /// <summary>XEP-0045.</summary>
    Muc,

    /// <summary>MUC Light.</summary>
    MucLight,
}

/// <summary>A room, as others see it.</summary>
public interface IRoom
{
    /// <summary>Its address.</summary>
    BareJid Jid { get; }

    /// <summary>Its kind.</summary>
    RoomKind Kind { get; }

    /// <summary>The accounts that belong to it, whether they are there now or not: owners, admins and members of MUC (no outcasts), occupants of MUC Light.</summary>
    ValueTask<IReadOnlyCollection<BareJid>> MembersAsync(CancellationToken ct);
}

/// <summary>A message that a room is about to broadcast. A handler may replace <see cref="Message"/>.</summary>
/// <param name="host">Host type that the room's service belongs to.</param>
/// <param name="room">The room.</param>
/// <param name="message">The message as every occupant gets it: from <c>room/nick</c> (or the room itself), without <c>to</c>.</param>
/// <param name="sender">Who sent it, by its real address; null when the room speaks itself.</param>
/// <param name="origin">The local session that sent it; null when it came from elsewhere.</param>
public sealed class RoomMessageContext(HostType host, IRoom room, Message message, Jid? sender, Session? origin)
{
    /// <summary>Host type that the room's service belongs to.</summary>
    public HostType Host { get; } = host;

    /// <summary>The room.</summary>
    public IRoom Room { get; } = room;

    /// <summary>The message as every occupant gets it: from <c>room/nick</c>, without <c>to</c>.</summary>
    public Message Message { get; set; } = message;

    /// <summary>Who sent it, by its real address; null when the room speaks itself.</summary>
    public Jid? Sender { get; } = sender;

    /// <summary>The local session that sent it; null when it came from elsewhere.</summary>
    public Session? Origin { get; } = origin;

    /// <summary>The sender's affiliation as it stands on the wire (<c>owner</c>, <c>member</c>...); null when the room speaks itself.</summary>
    public string? Affiliation { get; init; }

    /// <summary>The sender's role as it stands on the wire (<c>moderator</c>...); null where the room has no roles.</summary>
    public string? Role { get; init; }

    /// <summary>Whether the message only tells members of a change (MUC Light's notices): inboxes learn of it by <see cref="RoomHooks.MemberChanged"/> (INB-015).</summary>
    public bool IsNotice { get; init; }

    /// <summary>Keeps stream management from acknowledging the message to its sender before <paramref name="written"/> completes; see <see cref="MessageContext.BeforeAcknowledgeAsync"/>.</summary>
    /// <remarks>The room does not wait for a sender of this node: his session does, where too much waits.</remarks>
    public ValueTask BeforeAcknowledgeAsync(Task written)
    {
        if (Held is { } held)
        {
            held(written);
            return ValueTask.CompletedTask;
        }

        if (Origin is { } session)
        {
            session.Watermark.Hold(written);
            return ValueTask.CompletedTask;
        }

        return new ValueTask(written);
    }

    /// <summary>Takes what must be written before the message is acknowledged, where the room has kept it back and its sender's session is not waiting with it; null where it is.</summary>
    public Action<Task>? Held { get; init; }
}

/// <summary>A get or set to a room's bare JID that the room does not know.</summary>
/// <param name="Host">Host type that the room's service belongs to.</param>
/// <param name="Room">The room.</param>
/// <param name="Iq">The request; its sender is the requester's real full JID.</param>
public sealed record RoomIqContext(HostType Host, IRoom Room, Iq Iq)
{
    /// <summary>Whether the requester may see what was said in the room (MAM-063): no outcast; in a members-only room a member; where a password is asked, an occupant or a member.</summary>
    public bool MayRead { get; init; }

    /// <summary>Whether the requester owns the room.</summary>
    public bool IsOwner { get; init; }

    /// <summary>Whether the requester may see who the occupants are (MAM-061): everybody in a non-anonymous room and in MUC Light, moderators in a semi-anonymous one.</summary>
    public bool SeesIdentities { get; init; }

    /// <summary>The answer, for the room to route; set by who stops the chain.</summary>
    public Iq? Answer { get; set; }
}

/// <summary>How somebody's relation to a room has changed.</summary>
public enum RoomMembership
{
    /// <summary>Became a member.</summary>
    Added,

    /// <summary>Became an owner.</summary>
    MadeOwner,

    /// <summary>Is not a member any more: left, or was removed.</summary>
    Removed,
}

/// <summary>Somebody became a member or an owner of a room, or is not one any more.</summary>
/// <param name="Host">Host type that the room's service belongs to.</param>
/// <param name="Room">The room.</param>
/// <param name="Account">Whom it is about.</param>
/// <param name="Change">What happened.</param>
/// <param name="Notice">The message that tells that account of it, from the room; null when there is none. It is what the inbox shows.</param>
public sealed record RoomMemberChange(HostType Host, IRoom Room, BareJid Account, RoomMembership Change, Message? Notice);

/// <summary>A room that was destroyed.</summary>
/// <param name="Host">Host type that the room's service belongs to.</param>
/// <param name="Room">Its address.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Members">Who belonged to it at the end.</param>
public sealed record RoomGone(HostType Host, BareJid Room, RoomKind Kind, IReadOnlyCollection<BareJid> Members);

/// <summary>A message that a moderator takes back (XEP-0425 v0.3.0 §4).</summary>
/// <param name="Host">Host type that the room's service belongs to.</param>
/// <param name="Room">The room.</param>
/// <param name="StanzaId">The id that the room gave the message, as the moderator sent it.</param>
/// <param name="Retracted">What stands in the message's place: <c>retracted</c> with <c>moderated</c> and the reason, as the room makes it.</param>
public sealed record RoomModeration(HostType Host, IRoom Room, string StanzaId, Meerkat.Xml.XmlElement Retracted)
{
    /// <summary>Set when there was such a message: it is replaced then.</summary>
    public bool IsKnown { get; set; }
}

/// <summary>What a room can do besides what its service knows.</summary>
/// <param name="Host">Host type that the room's service belongs to.</param>
/// <param name="Service">Address of the service.</param>
public sealed record RoomFeatures(HostType Host, BareJid Service)
{
    /// <summary>The features, to be added to.</summary>
    public List<string> List { get; } = [];
}

/// <summary>Is this address a room, and what may an account do there?</summary>
/// <param name="Host">Host type of the account that asks.</param>
/// <param name="Room">The address.</param>
/// <param name="Account">The account.</param>
public sealed record RoomQuestion(HostType Host, BareJid Room, BareJid Account)
{
    /// <summary>Set by who knows the room: whether the account may see what is said there (see <see cref="RoomIqContext.MayRead"/>).</summary>
    public bool MayRead { get; set; }
}
