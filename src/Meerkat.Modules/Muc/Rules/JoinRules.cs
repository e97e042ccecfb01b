using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Who may enter a room, and what he gets then (XEP-0045 §7.2, MUC-020 to MUC-028). Pure.</summary>
internal static class JoinRules
{
    /// <summary>Somebody who is not in the room sends available presence.</summary>
    public static void Enter(Turn turn, Presence presence)
    {
        if (!IsJoin(presence))
        {
            turn.Send(PresenceRules.NotPresent(presence)); // MUC-021
            return;
        }

        if (Refuse(turn, presence) is { } refusal)
        {
            turn.Reject(presence, refusal);
            return;
        }

        var join = presence.Element.Child("x", Ns.Muc);
        var occupant = Admit(turn, presence);
        Welcome(turn, occupant, occupant.Shown, join, []);
    }

    /// <summary>The room's creator enters it: nothing can be in the way (XEP-0045 §10.1).</summary>
    public static void EnterNew(Turn turn, Presence presence)
    {
        var occupant = Admit(turn, presence);
        Welcome(turn, occupant, occupant.Shown, null, [201]);
    }

    /// <summary>Whether a presence wants to join: with the protocol of XEP-0045, or with the older one as long as it has any <c>x</c> (MUC-021).</summary>
    public static bool IsJoin(Presence presence)
    {
        foreach (var child in presence.Element.Children)
        {
            if (child.Name == "x")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Others' presences (unless they have been sent), the own one, history, subject (MUC-026).</summary>
    /// <param name="turn">The turn; the occupant is in its state.</param>
    /// <param name="who">The occupant.</param>
    /// <param name="session">The session that enters.</param>
    /// <param name="join">What it asked for; null for nothing.</param>
    /// <param name="codes">Codes that it gets beside those of the room.</param>
    /// <param name="tellsOthers">Whether others are told of its presence.</param>
    public static void Welcome(Turn turn, Occupant who, OccupantSession session, XmlElement? join, IReadOnlyList<int> codes, bool tellsOthers = true)
    {
        var room = turn.State;
        var sees = PresenceWriter.SeesJids(room, who);
        foreach (var (nick, occupant) in room.Occupants)
        {
            if (nick != who.Nick)
            {
                turn.Send(PresenceWriter.Shown(room, occupant, sees), session.Jid);
            }
        }

        List<int> own = [.. codes];
        if (!room.Configuration.IsSemiAnonymous)
        {
            own.Add(100);
        }

        if (room.Configuration.Logging)
        {
            own.Add(170);
        }

        if (tellsOthers)
        {
            PresenceSpreading.Show(turn, who, session, own, []);
        }
        else
        {
            PresenceSpreading.ShowOwn(turn, who, session, session, own, []);
        }

        var hadSubject = SendHistory(turn, session.Jid, join);
        if (!hadSubject)
        {
            turn.Send(SubjectRules.Current(room), session.Jid);
        }
    }

    /// <summary>The occupant id of an account in a room: stable, of no use in another room, and nobody can make it without the room's secret (XEP-0421 §5).</summary>
    public static string IdOf(RoomState room, BareJid user) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(room.Secret), user.Utf8)).TrimEnd('=');

    // MUC-022, in its order.
    private static StanzaError? Refuse(Turn turn, Presence presence)
    {
        var (room, world, from) = (turn.State, turn.World, presence.From!);
        if (presence.To!.Resource is not { } nick)
        {
            return StanzaError.JidMalformed(); // MUC-020
        }

        var affiliation = turn.AffiliationOf(from);
        var holder = room.OfNick(nick);
        var joinsOwn = holder is not null && holder.User.Equals(from.Bare) && room.Configuration.AllowMultipleSessions;
        if (!HasSpace(turn, from, affiliation, joinsOwn))
        {
            return StanzaError.ServiceUnavailable("This room has reached its maximum number of occupants, or you are in too many rooms.") with { Type = StanzaErrorType.Wait };
        }

        return affiliation is Affiliation.Outcast ? StanzaError.Forbidden("You have been banned from this room.")
            : RoleRules.Initial(affiliation, room.Configuration) is Role.None ? StanzaError.RegistrationRequired("Membership is required to enter this room.")
            : holder is not null && !joinsOwn ? StanzaError.Conflict("That nickname is already in use by another occupant.")
            : world.IsReserved(nick, from.Bare) ? StanzaError.Conflict("That nickname is registered by another person.")
            : room.Configuration.IsPasswordProtected && !world.Policy.IsAdmin(from) ? RefusePassword(presence, room, world) // MUC-024
            : null;
    }

    /// <summary>The password that somebody else has to judge before a presence can join (MUC-025): nothing else is in its way.</summary>
    /// <returns>Null when there is nothing to judge.</returns>
    public static string? PasswordOf(RoomState room, RoomWorld world, Presence presence) =>
        room.Configuration.IsPasswordProtected && !room.IsLocked && room.OfSession(presence.From!) is null && IsJoin(presence) && !world.Policy.IsAdmin(presence.From!)
            && Refuse(new Turn(room, world with { Password = PasswordVerdict.Right }), presence) is null
            ? presence.Element.Child("x", Ns.Muc)?.ChildText("password")
            : null;

    private static StanzaError? RefusePassword(Presence presence, RoomState room, RoomWorld world) =>
        world.Password is { } verdict ? verdict.Refusal
        : HasPassword(presence, room.Configuration.Password) ? null
        : StanzaError.NotAuthorized("A password is required to enter this room.");

    // MUC-023
    private static bool HasSpace(Turn turn, Jid from, Affiliation affiliation, bool joinsOwn)
    {
        var (room, options) = (turn.State, turn.World.Options);
        var isIn = room.Occupants.Values.Any(occupant => occupant.User.Equals(from.Bare));
        if (!isIn && turn.World.JoinedRooms >= options.MaxUserConferences && !turn.World.Policy.IsAdmin(from))
        {
            return false;
        }

        var most = Math.Min(room.Configuration.MaxUsers, options.MaxUsers);
        var users = room.Occupants.Count;
        return joinsOwn || users < most || (affiliation >= Affiliation.Admin && users < most + options.MaxUsersAdminThreshold) || turn.World.Policy.IsAdmin(from);
    }

    private static bool HasPassword(Presence presence, string password) =>
        presence.Element.Child("x", Ns.Muc)?.ChildText("password") is { } given
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(password));

    private static Occupant Admit(Turn turn, Presence presence)
    {
        var room = turn.State;
        var from = presence.From!;
        var session = new OccupantSession(from, presence, turn.World.Order);
        var address = (FullJid)presence.To!;
        Occupant occupant;
        if (room.OfNick(address.Resource) is { } own)
        {
            occupant = own.With(session);
        }
        else
        {
            var affiliation = turn.AffiliationOf(from);
            occupant = new Occupant(address, from.Bare, affiliation, RoleRules.Initial(affiliation, room.Configuration), IdOf(room, from.Bare), [session]);
            turn.Events.Add(new RoomEvent(RoomEventKind.Joined, occupant.Nick));
        }

        turn.State = room.With(occupant);
        turn.Came.Add(from);
        return occupant;
    }

    // Whether one of the messages carried the subject.
    private static bool SendHistory(Turn turn, Jid to, XmlElement? join)
    {
        var room = turn.State;
        var hadSubject = false;
        foreach (var item in ReadRequest(join).Cut(room.History, turn.World.Now))
        {
            hadSubject |= item.HasSubject;
            turn.Send(HistoryRules.Replay(room, item), to);
        }

        return hadSubject;
    }

    // What is no number or time is as if it were not there (MUC-031).
    private static HistoryRequest ReadRequest(XmlElement? join)
    {
        if (join?.Child("history") is not { } asked)
        {
            return HistoryRequest.All;
        }

        return new HistoryRequest(
            Number(asked.Attribute("maxchars")),
            Number(asked.Attribute("maxstanzas")),
            Number(asked.Attribute("seconds")),
            XmppDateTime.TryParse(asked.Attribute("since"), out var since) ? since : null);
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
