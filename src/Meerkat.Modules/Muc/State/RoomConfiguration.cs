
namespace Meerkat.Modules.Muc;

/// <summary>A room's configuration: the fields of its form (spec, default room options). Immutable; equal when all fields are.</summary>
internal sealed record RoomConfiguration
{
    public string Title { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>The language in which people talk (RFC 5646); empty when nobody said.</summary>
    public string Language { get; init; } = "";

    public bool IsPersistent { get; init; }

    public bool IsPublic { get; init; } = true;

    /// <summary>Whether its occupants are shown to everybody.</summary>
    public bool IsListPublic { get; init; } = true;

    public bool IsPasswordProtected { get; init; }

    public string Password { get; init; } = "";

    /// <summary>The roles that may see the lists of affiliations and roles.</summary>
    public RoleSet MayGetMemberList { get; init; }

    public int MaxUsers { get; init; } = 200;

    /// <summary>Whether only moderators see real addresses.</summary>
    public bool IsSemiAnonymous { get; init; } = true;

    public bool IsMembersOnly { get; init; }

    public bool IsModerated { get; init; } = true;

    /// <summary>Whether newcomers without affiliation are participants; else visitors.</summary>
    public bool MembersByDefault { get; init; } = true;

    public bool AllowChangeSubject { get; init; } = true;

    public bool AllowPrivateMessages { get; init; } = true;

    public bool AllowQueryUsers { get; init; } = true;

    public bool AllowUserInvites { get; init; }

    public bool AllowMultipleSessions { get; init; }

    public bool AllowVisitorStatus { get; init; } = true;

    public bool AllowVisitorNickChange { get; init; } = true;

    public bool Logging { get; init; }
}

/// <summary>A set of roles.</summary>
[Flags]
internal enum RoleSet
{
    None = 0,
    Visitor = 1,
    Participant = 2,
    Moderator = 4,
}
