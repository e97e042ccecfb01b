using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Sends an occupant's presences to everybody in the room, each as he may see it: one stanza for all who see the same. Pure.</summary>
internal static class PresenceSpreading
{
    /// <summary>Tells everybody of an occupant's presence.</summary>
    /// <param name="turn">The turn; the occupant is in its state.</param>
    /// <param name="who">The occupant.</param>
    /// <param name="via">The session whose presence it is.</param>
    /// <param name="ownCodes">Codes that this session alone gets beside 110 (201, 100, 170).</param>
    /// <param name="codes">Codes that all get.</param>
    public static void Show(Turn turn, Occupant who, OccupantSession via, IReadOnlyList<int> ownCodes, IReadOnlyList<int> codes)
    {
        var room = turn.State;
        var isPlain = codes.Count == 0 && ReferenceEquals(via, who.Shown);
        Presence? open = null;
        Presence? closed = null;
        foreach (var (nick, occupant) in room.Occupants)
        {
            if (nick == who.Nick)
            {
                continue;
            }

            var stanza = PresenceWriter.SeesJids(room, occupant)
                ? open ??= isPlain ? PresenceWriter.Shown(room, who, true) : PresenceWriter.Available(room, who, via, true, codes)
                : closed ??= isPlain ? PresenceWriter.Shown(room, who, false) : PresenceWriter.Available(room, who, via, false, codes);
            ToSessions(turn, occupant, stanza);
        }

        foreach (var session in who.Sessions)
        {
            ShowOwn(turn, who, session, via, ReferenceEquals(session, via) ? ownCodes : [], codes);
        }
    }

    /// <summary>Tells one session of an occupant of the occupant's presence.</summary>
    /// <param name="turn">The turn; the occupant is in its state.</param>
    /// <param name="who">The occupant.</param>
    /// <param name="to">The session that is told.</param>
    /// <param name="via">The session whose presence it is.</param>
    /// <param name="ownCodes">Codes that it gets behind 110.</param>
    /// <param name="codes">Codes that all get.</param>
    public static void ShowOwn(Turn turn, Occupant who, OccupantSession to, OccupantSession via, IReadOnlyList<int> ownCodes, IReadOnlyList<int> codes) =>
        turn.Send(PresenceWriter.Available(turn.State, who, via, PresenceWriter.SeesJids(turn.State, who), [.. codes, 110, .. ownCodes]), to.Jid);

    /// <summary>Tells everybody that an occupant's role or affiliation is another one, and why.</summary>
    public static void ShowChanged(Turn turn, Occupant who, string? reason)
    {
        var room = turn.State;
        foreach (var (nick, occupant) in room.Occupants)
        {
            var sees = PresenceWriter.SeesJids(room, occupant);
            var isOwn = nick == who.Nick;
            ToSessions(turn, occupant, string.IsNullOrEmpty(reason) && !isOwn
                ? PresenceWriter.Shown(room, who, sees)
                : PresenceWriter.Available(room, who, who.Shown, sees, isOwn ? [110] : [], reason));
        }
    }

    /// <summary>Tells everybody that an occupant, or one session of it, is no longer there under its nick.</summary>
    /// <param name="turn">The turn; the occupant is not in its state any more.</param>
    /// <param name="who">The occupant as it was.</param>
    /// <param name="gone">The session that is gone; null for all of them.</param>
    /// <param name="leaving">The presence by which it left; null where it did not send one.</param>
    /// <param name="extras">What the room says with it.</param>
    public static void Hide(Turn turn, Occupant who, OccupantSession? gone, Presence? leaving, PresenceExtras extras)
    {
        var room = turn.State;
        var shown = gone ?? who.Shown;
        if (gone is null || who.Sessions.Length == 1)
        {
            Presence? open = null;
            Presence? closed = null;
            foreach (var (nick, occupant) in room.Occupants)
            {
                if (nick == who.Nick || (extras.NewNick is { } renamed && nick == renamed))
                {
                    continue; // himself: below
                }

                ToSessions(turn, occupant, PresenceWriter.SeesJids(room, occupant)
                    ? open ??= PresenceWriter.Unavailable(room, who, shown, leaving, true, extras)
                    : closed ??= PresenceWriter.Unavailable(room, who, shown, leaving, false, extras));
            }
        }

        // MUC-028: of one session of several, the others of the account alone learn.
        var own = extras with { Codes = [110, .. extras.Codes] };
        var sees = PresenceWriter.SeesJids(room, who);
        foreach (var session in who.Sessions)
        {
            var of = gone ?? session;
            turn.Send(PresenceWriter.Unavailable(room, who, of, leaving, sees, ReferenceEquals(of, session) || gone is null ? own : extras), session.Jid);
        }
    }

    private static void ToSessions(Turn turn, Occupant occupant, Presence stanza)
    {
        foreach (var session in occupant.Sessions)
        {
            turn.Send(stanza, session.Jid);
        }
    }
}
