using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Leaving a room, and being removed from it (XEP-0045 §7.14, §8.2, §9.1). Pure.</summary>
internal static class LeaveRules
{
    /// <summary>One session leaves.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="who">Its occupant.</param>
    /// <param name="jid">The session.</param>
    /// <param name="leaving">The presence by which it leaves; null where it did not send one.</param>
    /// <param name="extras">What the room says with it.</param>
    public static void Leave(Turn turn, Occupant who, Jid jid, Presence? leaving, PresenceExtras extras)
    {
        var session = who.Find(jid)!;
        turn.State = turn.State.WithoutSession(who, jid);
        turn.Went.Add(jid);
        turn.Left.Add((jid, who));
        PresenceSpreading.Hide(turn, who, session, leaving, extras);
        if (who.Sessions.Length == 1)
        {
            turn.Events.Add(new RoomEvent(RoomEventKind.Left, who.Nick, leaving?.Status ?? ""));
        }

        EndWhenEmpty(turn);
    }

    /// <summary>All sessions of an occupant are removed.</summary>
    public static void Remove(Turn turn, Occupant who, PresenceExtras extras)
    {
        turn.State = turn.State.Without(who);
        turn.Went.AddRange(who.Sessions.Select(session => session.Jid));
        PresenceSpreading.Hide(turn, who, null, null, extras);
        turn.Events.Add(new RoomEvent(RoomEventKind.Removed, who.Nick, extras.Reason ?? "", extras.Codes.Count > 0 ? extras.Codes[0] : 0));
        EndWhenEmpty(turn);
    }

    /// <summary>A session answered with an error what the room sent it: it is not there any more (MUC-043).</summary>
    public static void RemoveGhost(Turn turn, Occupant who, Jid session, XmlElement error)
    {
        var status = new XmlBuilder("status", Ns.Client).Text($"This occupant is removed because of an error: {Condition(error)}").Build();
        Leave(turn, who, session, Presence.Create(PresenceType.Unavailable, session, null, status), PresenceExtras.None with { Codes = [333] });
    }

    /// <summary>The condition of an error stanza; <c>undefined-condition</c> where it names none.</summary>
    public static string Condition(XmlElement stanza)
    {
        foreach (var child in stanza.Child("error")?.Children.ToArray() ?? [])
        {
            if (child.IsIn(Ns.StanzaErrors) && child.Name != "text")
            {
                return child.Name;
            }
        }

        return "undefined-condition";
    }

    /// <summary>A temporary room ends when nobody is in it and nobody is expected; a locked one when its creator has left (MUC-017, MUC-051).</summary>
    public static void EndWhenEmpty(Turn turn)
    {
        if (turn.State.Occupants.IsEmpty && (turn.State.IsLocked || (!turn.Configuration.IsPersistent && !turn.World.IsAwaited)))
        {
            turn.Ends = true;
            turn.Forgets = true;
        }
    }
}
