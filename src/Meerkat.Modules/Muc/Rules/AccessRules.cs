using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Who may read what was said in a room (MAM-063). Pure.</summary>
internal static class AccessRules
{
    /// <summary>Whether somebody may read a room's archive: its members may, and who could come in or is in.</summary>
    /// <param name="room">The room.</param>
    /// <param name="user">Who asks: a session, or an account with any of its sessions.</param>
    /// <param name="isAdmin">Whether that is an administrator of the service, who may do what an owner may.</param>
    public static bool MayRead(RoomState room, Jid user, bool isAdmin)
    {
        var affiliation = isAdmin ? Affiliation.Owner : room.Affiliations.Of(user);
        var isIn = room.OfSession(user) is not null || (user is BareJid && room.Occupants.Values.Any(occupant => occupant.User.Equals(user)));
        return affiliation is not Affiliation.Outcast
            && (affiliation >= Affiliation.Member || ((!room.Configuration.IsMembersOnly || isIn) && (!room.Configuration.IsPasswordProtected || isIn)));
    }
}
