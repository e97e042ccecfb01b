using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Mediated invitations and their refusals (XEP-0045 §7.8, MUC-080 to MUC-083). Pure.</summary>
internal static class InvitationRules
{
    /// <returns>False when the message is neither.</returns>
    public static bool TryHandle(Turn turn, Message message)
    {
        if (message.Element.Child("x", Ns.MucUser) is not { } x)
        {
            return false;
        }

        var invitations = x.Children.Where(child => child.Is("invite", Ns.MucUser)).ToArray();
        if (invitations.Length > 0)
        {
            Invite(turn, message, invitations);
            return true;
        }

        if (x.Child("decline") is { } decline)
        {
            Decline(turn, message, decline);
            return true;
        }

        return false;
    }

    /// <summary>The invitation that somebody gets who was made a member of a members-only room (MUC-064).</summary>
    public static Message ForMember(RoomState room, Jid from, Jid to, string reason) => Write(room, from, to, reason.Length > 0 ? reason : null, null);

    private static void Invite(Turn turn, Message message, IReadOnlyList<XmlElement> invitations)
    {
        var from = message.From!;
        if (!MayInvite(turn, from))
        {
            turn.Reject(message, StanzaError.Forbidden("Invitations are not allowed in this room"));
            return;
        }

        var invited = new List<(Jid To, XmlElement Invite)>();
        foreach (var invite in invitations)
        {
            if (invite.Attribute("to") is not { } to)
            {
                turn.Reject(message, StanzaError.BadRequest("An invitation needs an address"));
                return;
            }

            if (!Jid.TryParse(to, out var jid))
            {
                turn.Reject(message, StanzaError.JidMalformed());
                return;
            }

            invited.Add((jid, invite));
        }

        foreach (var (to, invite) in invited)
        {
            if (turn.Configuration.IsMembersOnly && turn.AffiliationOf(to) is Affiliation.None)
            {
                AffiliationChanges.Apply(turn, to.Bare, Affiliation.Member, "", invites: false);
            }

            turn.Send(Write(turn.State, from, to, invite.ChildText("reason"), invite.Child("continue")));
        }
    }

    // MUC-083; who makes members of a room by right may do it by inviting from outside too.
    private static bool MayInvite(Turn turn, Jid from) =>
        turn.State.OfSession(from) is { } occupant && RoleRules.May(occupant.Role, Privilege.Invite, turn.Configuration)
        && (!turn.Configuration.IsMembersOnly || turn.Configuration.AllowUserInvites || turn.AffiliationOf(from) >= Affiliation.Admin || occupant.Role is Role.Moderator);

    private static void Decline(Turn turn, Message message, XmlElement decline)
    {
        if (!Jid.TryParse(decline.Attribute("to"), out var to))
        {
            turn.Reject(message, StanzaError.JidMalformed());
            return;
        }

        var x = new XmlBuilder("x", Ns.MucUser).Start("decline").Attribute("from", message.From!.Bare.ToString());
        if (decline.ChildText("reason") is { } reason)
        {
            x.Element("reason", reason);
        }

        turn.Send(Message.Create(MessageType.Normal, turn.Room, to, message.Id, x.Build()));
    }

    private static Message Write(RoomState room, Jid from, Jid to, string? reason, XmlElement? goOn)
    {
        var configuration = room.Configuration;
        var password = configuration.IsPasswordProtected ? configuration.Password : null;
        var x = new XmlBuilder("x", Ns.MucUser).Start("invite").Attribute("from", from.ToString());
        if (reason is not null)
        {
            x.Element("reason", reason);
        }

        if (goOn is { } conversation)
        {
            x.Add(conversation);
        }

        x.End();
        if (password is not null)
        {
            x.Element("password", password);
        }

        var text = $"{from} invites you to the room {room.Jid}"
            + (password is null ? "" : $" (the password is '{password}')") + (string.IsNullOrEmpty(reason) ? "" : $": {reason}");
        var body = new XmlBuilder("body", Ns.Client).Text(text).Build();

        // COMPAT: clients that know only XEP-0249's element.
        var direct = new XmlBuilder("x", Ns.Conference).Attribute("jid", room.Jid.ToString()).Attribute("password", password).Attribute("reason", reason).Build();
        return Message.Create(MessageType.Normal, room.Jid, to, null, body, x.Build(), direct);
    }
}
