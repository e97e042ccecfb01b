namespace Meerkat.Modules.Muc;

/// <summary>What a role may allow: the rows of XEP-0045 §5.1.1.</summary>
internal enum Privilege
{
    PresentInRoom,
    ReceiveMessages,
    ReceiveOccupantPresence,
    BroadcastPresence,
    ChangeAvailability,
    ChangeNick,
    SendPrivateMessages,
    Invite,
    SendToAll,
    ModifySubject,
    Kick,
    GrantVoice,
    RevokeVoice,
}

/// <summary>Roles: what they allow, which one a newcomer gets, and who may change them. Pure functions (XEP-0045 §5.1).</summary>
internal static class RoleRules
{
    /// <summary>Whether a role has a privilege under a configuration.</summary>
    public static bool May(Role role, Privilege privilege, RoomConfiguration room) => role is not Role.None && privilege switch
    {
        Privilege.ChangeNick => role > Role.Visitor || room.AllowVisitorNickChange,
        Privilege.SendPrivateMessages => room.AllowPrivateMessages,
        Privilege.Invite => role is Role.Moderator || room.AllowUserInvites, // MUC-083
        Privilege.SendToAll => role > Role.Visitor || !room.IsModerated,
        Privilege.ModifySubject => role is Role.Moderator || (role is Role.Participant && room.AllowChangeSubject),
        Privilege.Kick or Privilege.GrantVoice or Privilege.RevokeVoice => role is Role.Moderator,
        _ => true,
    };

    /// <summary>The role of a newcomer (XEP-0045 §5.1.2, MUC-027); none for one who may not enter.</summary>
    public static Role Initial(Affiliation affiliation, RoomConfiguration room) => affiliation switch
    {
        Affiliation.Owner or Affiliation.Admin => Role.Moderator,
        Affiliation.Member => Role.Participant,
        Affiliation.Outcast => Role.None,
        _ when room.IsMembersOnly => Role.None,
        _ => room.MembersByDefault ? Role.Participant : Role.Visitor,
    };

    /// <summary>Whether somebody may change another's role (XEP-0045 §5.1.3, MUC-063). No change is always allowed.</summary>
    /// <param name="actor">Role of who wants it; none when he is not in the room.</param>
    /// <param name="actorAffiliation">His affiliation.</param>
    /// <param name="target">Affiliation of whom it is about.</param>
    /// <param name="from">The role before.</param>
    /// <param name="to">The role wanted.</param>
    public static bool MayChange(Role actor, Affiliation actorAffiliation, Affiliation target, Role from, Role to)
    {
        if (from == to)
        {
            return true;
        }

        var isAdmin = actorAffiliation >= Affiliation.Admin;
        if (from is Role.Moderator)
        {
            return isAdmin && target < Affiliation.Admin;
        }

        return to is Role.Moderator ? isAdmin : isAdmin || actor is Role.Moderator;
    }
}
