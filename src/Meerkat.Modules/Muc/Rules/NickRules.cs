using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Changes of nick (XEP-0045 §7.6, MUC-050). Pure.</summary>
internal static class NickRules
{
    public static void Change(Turn turn, Presence presence, Occupant who, string nick)
    {
        if (Refuse(turn, who, nick) is { } refusal)
        {
            turn.Reject(presence, refusal);
            return;
        }

        var session = new OccupantSession(presence.From!, presence, turn.World.Order);
        var renamed = who.Named((FullJid)presence.To!).With(session);
        turn.State = turn.State.Without(who).With(renamed);
        PresenceSpreading.Hide(turn, who, null, null, PresenceExtras.None with { NewNick = nick, Codes = [303] });
        if (presence.Element.Child("x", Ns.Muc) is { } again)
        {
            JoinRules.Welcome(turn, renamed, session, again, []); // it joins once more, under another nick (XEP-0045 §17.3)
        }
        else
        {
            PresenceSpreading.Show(turn, renamed, session, [], []);
        }

        turn.Events.Add(new RoomEvent(RoomEventKind.Renamed, who.Nick, nick));
    }

    private static StanzaError? Refuse(Turn turn, Occupant who, string nick) =>
        !RoleRules.May(who.Role, Privilege.ChangeNick, turn.Configuration) ? StanzaError.NotAllowed("Visitors are not allowed to change their nicknames in this room.")
        : turn.State.OfNick(nick) is not null ? StanzaError.Conflict("That nickname is already in use by another occupant.")
        : turn.World.IsReserved(nick, who.User) ? StanzaError.Conflict("That nickname is registered by another person.")
        : null;
}
