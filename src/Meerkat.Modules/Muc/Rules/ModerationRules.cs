using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Moderators take back what others said (XEP-0425). Pure.</summary>
internal static class ModerationRules
{
    /// <returns>The result or error.</returns>
    public static Stanza Handle(Turn turn, Iq iq, XmlElement moderate)
    {
        if (iq.Type is not IqType.Set || moderate.Child("retract", Ns.Retract) is null || !StanzaId.TryParse(moderate.Attribute("id"), out var id))
        {
            return StanzaReplies.ErrorFor(iq, StanzaError.BadRequest())!;
        }

        if (turn.State.OfSession(iq.From!) is not { Role: Role.Moderator } moderator)
        {
            return StanzaReplies.ErrorFor(iq, StanzaError.Forbidden("Only moderators are allowed to moderate other participants' messages"))!;
        }

        var reason = moderate.ChildText("reason");
        var retraction = Retraction(moderate.Attribute("id")!, moderator, reason);
        turn.State = turn.State with { History = turn.State.History.Replace(id.Value, message => Tombstone(message, moderator, reason, turn.World.Now)) };
        var said = Message.Create(MessageType.Groupchat, turn.Room, null, iq.Id, retraction);
        turn.Speeches.Add(new Speech(said, iq.From!, turn.AffiliationOf(iq.From!), moderator.Role));
        return Iq.Result(iq, null);
    }

    private static XmlElement Retraction(string id, Occupant moderator, string? reason)
    {
        var retract = new XmlBuilder("retract", Ns.Retract).Attribute("id", id).Add(Moderated(moderator));
        if (!string.IsNullOrEmpty(reason))
        {
            retract.Element("reason", reason);
        }

        return retract.Build();
    }

    // XEP-0425 §4: who comes later learns that something was here, and not what.
    private static Message Tombstone(Message message, Occupant moderator, string? reason, DateTimeOffset now)
    {
        var retracted = new XmlBuilder("retracted", Ns.Retract).Attribute("stamp", XmppDateTime.Format(now)).Add(Moderated(moderator));
        if (!string.IsNullOrEmpty(reason))
        {
            retracted.Element("reason", reason);
        }

        return message.WithElement(message.Element.WithChildren([retracted.Build()]));
    }

    private static XmlElement Moderated(Occupant moderator) =>
        new XmlBuilder("moderated", Ns.Moderate).Attribute("by", moderator.Address.ToString()).Add(MessageRules.OccupantId(moderator.Id)).Build();
}
