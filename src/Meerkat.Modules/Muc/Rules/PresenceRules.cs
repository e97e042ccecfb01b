using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Presences to a room: joining, changing status or nick, leaving (XEP-0045 §7). Pure.</summary>
internal static class PresenceRules
{
    /// <summary>A presence to a room that is there.</summary>
    public static void Handle(Turn turn, Presence presence)
    {
        var from = presence.From!;
        var known = turn.State.OfSession(from);
        switch (presence.Type)
        {
            case PresenceType.Available when known is null:
                JoinRules.Enter(turn, presence);
                break;
            case PresenceType.Available:
                Update(turn, presence, known);
                break;
            case PresenceType.Unavailable when known is not null && Knows(turn, known, from):
                LeaveRules.Leave(turn, known, from, presence, PresenceExtras.None);
                break;
            case PresenceType.Error when known is not null:
                LeaveRules.RemoveGhost(turn, known, from, presence.Element); // MUC-043
                break;
            case PresenceType.Invalid:
                turn.Reject(presence, StanzaError.BadRequest());
                break;
        }
    }

    private static void Update(Turn turn, Presence presence, Occupant known)
    {
        if (presence.To!.Resource is not { } nick)
        {
            turn.Reject(presence, StanzaError.JidMalformed()); // MUC-020
        }
        else if (nick != known.Nick)
        {
            NickRules.Change(turn, presence, known, nick);
        }
        else
        {
            var session = new OccupantSession(presence.From!, presence, turn.World.Order);
            var before = known.Find(session.Jid)!;
            var isSame = ReferenceEquals(before, known.Shown) && PresenceWriter.LooksSame(before.Presence, presence);
            var updated = known.With(session);
            turn.State = turn.State.With(updated);
            if (presence.Element.Child("x", Ns.Muc) is { } again)
            {
                // A client that joins once more has lost what it knew: it gets all that it would get then; the others learn what is new (XEP-0045 §17.3, XEP-0410 §3).
                JoinRules.Welcome(turn, updated, session, again, [], tellsOthers: !isSame);
            }
            else
            {
                PresenceSpreading.Show(turn, updated, session, [], []);
            }
        }
    }

    // What an older session of the same full address still says does not concern the newer one.
    private static bool Knows(Turn turn, Occupant known, Jid session) =>
        turn.World.Order == 0 || known.Find(session) is not { Order: > 0 and var order } || order <= turn.World.Order;

    /// <summary>The presence that tells somebody that he is not in the room though he thinks so (MUC-021).</summary>
    public static Presence NotPresent(Presence to) => NotPresent(to.To!, to.From!, "110", "307", "333");

    /// <summary>The presence that tells a session that it is in the room no more, whose node died (XEP-0045 status 332: the service was shut down).</summary>
    /// <param name="room">The address that it thinks to have there.</param>
    /// <param name="session">The session.</param>
    public static Presence Lost(Jid room, Jid session) => NotPresent(room, session, "110", "332");

    private static Presence NotPresent(Jid from, Jid to, params ReadOnlySpan<string> codes)
    {
        var x = new XmlBuilder("x", Ns.MucUser).Start("item").Attribute("affiliation", "none").Attribute("role", "none").End();
        foreach (var code in codes)
        {
            x.Start("status").Attribute("code", code).End();
        }

        return Presence.Create(PresenceType.Unavailable, from, to, x.Build());
    }
}
