using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Moderators take back what others said (XEP-0425). Pure.</summary>
internal static class ModerationRules
{
    /// <summary>A request of XEP-0425: what may be is noted in <see cref="Turn.Moderation"/>; the answer comes with <see cref="Complete"/>.</summary>
    public static void Handle(Turn turn, Iq iq, XmlElement moderate)
    {
        if (iq.Type is not IqType.Set || moderate.Child("retract", Ns.Retract) is null || !StanzaId.TryParse(moderate.Attribute("id"), out _))
        {
            turn.Reject(iq, StanzaError.BadRequest());
        }
        else if (turn.State.OfSession(iq.From!) is not { Role: Role.Moderator } moderator)
        {
            turn.Reject(iq, StanzaError.Forbidden("Only moderators are allowed to moderate other participants' messages"));
        }
        else
        {
            var (id, reason) = (moderate.Attribute("id")!, moderate.ChildText("reason"));
            turn.Moderation = new Moderation(
                iq, moderator, id, Retracted(moderator, reason, turn.World.Now), Message.Create(MessageType.Groupchat, turn.Room, null, iq.Id, Retraction(id, moderator, reason)));
        }
    }

    /// <summary>Takes the message out of the history, tells everybody and answers.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="moderation">What was asked for.</param>
    /// <param name="isArchived">Whether the archive had the message, and has forgotten it.</param>
    public static void Complete(Turn turn, Moderation moderation, bool isArchived)
    {
        var before = turn.State.History;
        var after = StanzaId.TryParse(moderation.Id, out var id) ? before.Replace(id.Value, message => message.WithElement(message.Element.WithChildren([moderation.Retracted]))) : before;
        if (!isArchived && ReferenceEquals(before, after))
        {
            turn.Reject(moderation.Request, StanzaError.ItemNotFound());
            return;
        }

        turn.State = turn.State with { History = after };
        var from = moderation.Request.From!;
        turn.Speeches.Add(new Speech(moderation.Retraction, from, turn.AffiliationOf(from), moderation.By.Role));
        turn.Send(Iq.Result(moderation.Request, null));
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
    private static XmlElement Retracted(Occupant moderator, string? reason, DateTimeOffset now)
    {
        var retracted = new XmlBuilder("retracted", Ns.Retract).Attribute("stamp", XmppDateTime.Format(now)).Add(Moderated(moderator));
        if (!string.IsNullOrEmpty(reason))
        {
            retracted.Element("reason", reason);
        }

        return retracted.Build();
    }

    private static XmlElement Moderated(Occupant moderator) =>
        new XmlBuilder("moderated", Ns.Moderate).Attribute("by", moderator.Address.ToString()).Add(MessageRules.OccupantId(moderator.Id)).Build();
}
