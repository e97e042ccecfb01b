namespace Meerkat.Modules.Muc;

/// <summary>A long-lived relation of a user to a room (XEP-0045 §5.2), from the least to the most.</summary>
public enum Affiliation
{
    /// <summary>Banned.</summary>
    Outcast,

    /// <summary>No relation.</summary>
    None,

    /// <summary>A member.</summary>
    Member,

    /// <summary>An admin.</summary>
    Admin,

    /// <summary>An owner.</summary>
    Owner,
}

/// <summary>What an occupant may do while it is in a room (XEP-0045 §5.1), from the least to the most.</summary>
public enum Role
{
    /// <summary>Not in the room.</summary>
    None,

    /// <summary>Hears and sees; has no voice in a moderated room.</summary>
    Visitor,

    /// <summary>Has voice.</summary>
    Participant,

    /// <summary>May kick, and give and take voice.</summary>
    Moderator,
}

/// <summary>Affiliations and roles as they stand on the wire.</summary>
internal static class MucWords
{
    public static string Word(this Affiliation affiliation) => affiliation switch
    {
        Affiliation.Outcast => "outcast",
        Affiliation.Member => "member",
        Affiliation.Admin => "admin",
        Affiliation.Owner => "owner",
        _ => "none",
    };

    public static string Word(this Role role) => role switch
    {
        Role.Visitor => "visitor",
        Role.Participant => "participant",
        Role.Moderator => "moderator",
        _ => "none",
    };

    public static bool TryReadAffiliation(string? word, out Affiliation affiliation)
    {
        (affiliation, var known) = word switch
        {
            "outcast" => (Affiliation.Outcast, true),
            "none" => (Affiliation.None, true),
            "member" => (Affiliation.Member, true),
            "admin" => (Affiliation.Admin, true),
            "owner" => (Affiliation.Owner, true),
            _ => (Affiliation.None, false),
        };
        return known;
    }

    public static bool TryReadRole(string? word, out Role role)
    {
        (role, var known) = word switch
        {
            "none" => (Role.None, true),
            "visitor" => (Role.Visitor, true),
            "participant" => (Role.Participant, true),
            "moderator" => (Role.Moderator, true),
            _ => (Role.None, false),
        };
        return known;
    }
}
