using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Messages to a room and to its occupants (XEP-0045 §7.4, §7.5, MUC-040 to MUC-044). Pure.</summary>
internal static class MessageRules
{
    private static readonly XmlElement s_private = new XmlBuilder("x", Ns.MucUser).Build();

    public static void Handle(Turn turn, Message message)
    {
        if (message.To!.Resource is { } nick)
        {
            HandlePrivate(turn, message, nick);
            return;
        }

        switch (message.Type)
        {
            case MessageType.Groupchat:
                HandleGroupchat(turn, message);
                break;
            case MessageType.Error:
                if (turn.State.OfSession(message.From!) is { } ghost)
                {
                    LeaveRules.RemoveGhost(turn, ghost, message.From!, message.Element); // MUC-043
                }

                break;
            case MessageType.Normal when InvitationRules.TryHandle(turn, message) || VoiceRules.TryHandle(turn, message) || RegistrationRules.TryHandle(turn, message):
                break;
            default:
                turn.Reject(message, StanzaError.NotAcceptable()); // MUC-040
                break;
        }
    }

    /// <summary>The service speaks to everybody in the room (MUC-014).</summary>
    public static void Speak(Turn turn, Message message)
    {
        turn.Events.Add(new RoomEvent(RoomEventKind.Text, "", message.Body ?? ""));
        turn.Speeches.Add(new Speech(message.Readdress(turn.Room, null), turn.Room, null, null));
    }

    /// <summary>Says to everybody what <see cref="Turn.Speeches"/> asked for, after the archive has seen it: it has an id now, and newcomers will see it.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="speech">What was asked for.</param>
    /// <param name="message">The message as the archive and others left it.</param>
    /// <param name="newId">Makes the id where nobody has given one.</param>
    public static void Say(Turn turn, Speech speech, Message message, Func<StanzaId> newId)
    {
        if (message.StableId == 0)
        {
            message = message.WithStableId(newId().Value);
        }

        if (!HasId(message, turn.Room))
        {
            message = message.Append(new StanzaId(message.StableId).ToElement(turn.Room));
        }

        turn.State = HistoryRules.Retract(turn.State, message, speech.Sender, turn.World.Now);
        turn.State = HistoryRules.Keep(turn.State, message, speech.Sender, turn.World.Now, turn.World.Options.HistorySize);
        turn.ToAll(message);
    }

    /// <summary>A message of a client without what only a room may write in it: ids of this room, occupant ids (XEP-0359 §4, XEP-0421 §4.2).</summary>
    public static Message Clean(Message message, BareJid room)
    {
        var element = message.Element;
        foreach (var child in element.Children)
        {
            if (IsForged(child, room))
            {
                element = element.Without(child => IsForged(child, room));
                break;
            }
        }

        // What the sender's side has put behind the message (an id in the account's archive) is not for the room.
        return (Message)StanzaReader.Read(element, message.From, message.To)!;
    }

    /// <summary>An occupant's id, behind a message.</summary>
    public static XmlElement OccupantId(string id) => new XmlBuilder("occupant-id", Ns.OccupantId).Attribute("id", id).Build();

    private static void HandleGroupchat(Turn turn, Message message)
    {
        var from = message.From!;
        var occupant = turn.State.OfSession(from) ?? Gone(turn, from);
        if (occupant is null && !turn.World.Policy.IsAdmin(from))
        {
            turn.Reject(message, StanzaError.NotAcceptable("Only occupants are allowed to send messages to the conference")); // MUC-040
            return;
        }

        var role = occupant?.Role ?? Role.Moderator;
        Jid author = occupant?.Address ?? (Jid)turn.Room;
        if (!RoleRules.May(role, Privilege.SendToAll, turn.Configuration))
        {
            turn.Reject(message, StanzaError.Forbidden("Visitors are not allowed to send messages to all occupants"));
            return;
        }

        if (message.Element.Child("subject", Ns.Client) is not null)
        {
            if (!RoleRules.May(role, Privilege.ModifySubject, turn.Configuration))
            {
                turn.Reject(message.Readdress(from, author), StanzaError.Forbidden("You are not allowed to change the subject in this room")); // MUC-042
                return;
            }

            SubjectRules.Set(turn, message, occupant?.Nick ?? "");
        }
        else if (message.Body is { } body)
        {
            turn.Events.Add(new RoomEvent(RoomEventKind.Text, occupant?.Nick ?? "", body));
        }

        var said = Clean(message, turn.Room).Readdress(author, null);
        if (occupant is not null)
        {
            said = said.Append(OccupantId(occupant.Id));
        }

        turn.Speeches.Add(new Speech(said, from, turn.AffiliationOf(from), role));
    }

    // MUC-046: he was there when he said it. Not if he may not be there any more, and not under a nick that is another's now.
    private static Occupant? Gone(Turn turn, Jid from) =>
        turn.World.Gone is { } gone && RoleRules.Initial(turn.AffiliationOf(from), turn.Configuration) is not Role.None
            && (turn.State.OfNick(gone.Nick) is not { } holder || holder.User.Equals(gone.User)) ? gone : null;

    // MUC-044
    private static void HandlePrivate(Turn turn, Message message, string nick)
    {
        var from = message.From!;
        if (turn.State.OfSession(from) is not { } sender)
        {
            turn.Reject(message, StanzaError.NotAcceptable("Only occupants are allowed to send messages to the conference"));
            return;
        }

        if (message.Type is MessageType.Error && IsGone(LeaveRules.Condition(message.Element)))
        {
            LeaveRules.RemoveGhost(turn, sender, from, message.Element); // MUC-043
            return;
        }

        if (message.Type is MessageType.Groupchat)
        {
            turn.Reject(message, StanzaError.BadRequest("It is not allowed to send private messages of type groupchat"));
        }
        else if (!RoleRules.May(sender.Role, Privilege.SendPrivateMessages, turn.Configuration))
        {
            turn.Reject(message, StanzaError.Forbidden("It is not allowed to send private messages in this room"));
        }
        else if (turn.State.OfNick(nick) is not { } recipient)
        {
            turn.Reject(message, StanzaError.ItemNotFound("Recipient is not in the conference room"));
        }
        else
        {
            var whispered = Clean(message, turn.Room).Readdress(sender.Address, null).Append(OccupantId(sender.Id));
            if (!whispered.Has("x", Ns.MucUser))
            {
                whispered = whispered.Append(s_private);
            }

            if (recipient.Sessions is [var alone])
            {
                turn.Send(whispered, alone.Jid);
            }
            else
            {
                turn.Whispers.Add((whispered, recipient));
            }
        }
    }

    private static bool IsForged(XmlElement child, BareJid room) =>
        child.IsIn(Ns.OccupantId) || (child.Is("stanza-id", Ns.StanzaIds) && Jid.TryParse(child.Attribute("by"), out var by) && by.Bare.Equals(room));

    private static bool IsGone(string condition) => condition is "gone" or "internal-server-error" or "item-not-found" or "jid-malformed" or "recipient-unavailable"
        or "redirect" or "remote-server-not-found" or "remote-server-timeout" or "service-unavailable";

    private static bool HasId(Message message, BareJid room)
    {
        for (var next = message.Appended; next is not null; next = next.Next)
        {
            if (next.Element.Is("stanza-id", Ns.StanzaIds) && next.Element.Attribute("by") == room.ToString())
            {
                return true;
            }
        }

        return false;
    }
}
