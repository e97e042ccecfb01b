using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What a change of affiliation does (XEP-0045 §9, §10.3 to §10.8, MUC-064). Pure: whether it is allowed was asked before.</summary>
internal static class AffiliationChanges
{
    /// <summary>Gives somebody an affiliation.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="user">A bare JID; for a ban also a domain or the resource of one (MUC-065).</param>
    /// <param name="affiliation">The affiliation.</param>
    /// <param name="reason">Why; empty for nothing.</param>
    /// <param name="invites">Whether somebody who becomes a member of a members-only room without being there is invited.</param>
    /// <param name="by">Who does it, for the invitation; null for the room.</param>
    public static void Apply(Turn turn, Jid user, Affiliation affiliation, string reason, bool invites = true, Jid? by = null)
    {
        var before = turn.State.Affiliations.Find(user)?.Affiliation ?? Affiliation.None;
        if (before == affiliation)
        {
            return; // MUC-062: the same value changes nothing
        }

        turn.State = turn.State with { Affiliations = turn.State.Affiliations.With(user, affiliation, reason) };
        turn.Affiliations.Add(new AffiliationChange(user, before, affiliation, reason));
        var isHere = false;
        foreach (var occupant in turn.State.Occupants.Values.Where(occupant => Concerns(user, occupant)).ToArray())
        {
            isHere = true;
            Settle(turn, occupant, before, reason);
        }

        if (invites && !isHere && affiliation is Affiliation.Member && turn.Configuration.IsMembersOnly)
        {
            turn.Send(InvitationRules.ForMember(turn.State, by ?? turn.Room, user, reason));
        }
    }

    /// <summary>Those without affiliation leave a room that becomes members-only (MUC-005).</summary>
    public static void ExpelStrangers(Turn turn)
    {
        foreach (var occupant in turn.State.Occupants.Values.Where(occupant => occupant.Affiliation is Affiliation.None).ToArray())
        {
            LeaveRules.Remove(turn, occupant, PresenceExtras.None with { Codes = [322] });
        }
    }

    // MUC-064: the role follows.
    private static void Settle(Turn turn, Occupant occupant, Affiliation before, string reason)
    {
        var now = turn.AffiliationOf(occupant.Shown.Jid);
        switch (now)
        {
            case Affiliation.Outcast:
                LeaveRules.Remove(turn, occupant, PresenceExtras.None with { Reason = reason, Codes = [301], Affiliation = Affiliation.Outcast });
                break;
            case Affiliation.None when turn.Configuration.IsMembersOnly:
                LeaveRules.Remove(turn, occupant, PresenceExtras.None with { Reason = reason, Codes = [321], Affiliation = Affiliation.None });
                break;
            case Affiliation.None:
                var role = before >= Affiliation.Admin ? RoleRules.Initial(Affiliation.None, turn.Configuration) : occupant.Role;
                RoleChanges.Update(turn, occupant, now, role, reason);
                break;
            default:
                RoleChanges.Update(turn, occupant, now, RoleRules.Initial(now, turn.Configuration), reason);
                break;
        }
    }

    private static bool Concerns(Jid key, Occupant occupant) => key switch
    {
        BareJid { HasLocal: true } account => occupant.User.Equals(account),
        BareJid domain => occupant.User.DomainJid.Equals(domain),
        FullJid { Local: null } full => occupant.Sessions.Any(session => session.Jid.Domain == full.Domain && session.Jid.Resource == full.Resource),
        _ => occupant.Sessions.Any(session => session.Jid.Equals(key)),
    };
}
