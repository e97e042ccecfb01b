namespace Meerkat.Modules.Muc;

/// <summary>What a change of role does (XEP-0045 §8.2 to §8.4, §9.6, MUC-064). Pure: whether it is allowed was asked before.</summary>
internal static class RoleChanges
{
    public static void Apply(Turn turn, Occupant who, Role role, string? reason)
    {
        if (role is Role.None)
        {
            LeaveRules.Remove(turn, who, PresenceExtras.None with { Reason = reason, Codes = [307] });
        }
        else if (who.Role != role)
        {
            Update(turn, who, who.Affiliation, role, reason);
        }
    }

    /// <summary>Gives an occupant an affiliation and a role and tells everybody.</summary>
    public static void Update(Turn turn, Occupant who, Affiliation affiliation, Role role, string? reason)
    {
        var changed = who.As(affiliation, role);
        turn.State = turn.State.With(changed);
        PresenceSpreading.ShowChanged(turn, changed, reason);
    }
}
