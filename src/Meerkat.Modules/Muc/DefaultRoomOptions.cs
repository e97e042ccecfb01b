using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Modules.Muc;

/// <summary>How a new room is configured: the <c>[modules.mod_muc.default_room]</c> table.</summary>
public sealed record DefaultRoomOptions : IValidatableObject
{
    /// <summary><c>title</c>. Default empty.</summary>
    public string Title { get; init; } = "";

    /// <summary><c>description</c>. Default empty.</summary>
    public string Description { get; init; } = "";

    /// <summary><c>allow_change_subj</c>: participants may change the subject. Default true.</summary>
    public bool AllowChangeSubj { get; init; } = true;

    /// <summary><c>allow_query_users</c>: occupants may send IQs to occupants. Default true.</summary>
    public bool AllowQueryUsers { get; init; } = true;

    /// <summary><c>allow_private_messages</c>. Default true.</summary>
    public bool AllowPrivateMessages { get; init; } = true;

    /// <summary><c>allow_visitor_status</c>: visitors may have a status text. Default true.</summary>
    public bool AllowVisitorStatus { get; init; } = true;

    /// <summary><c>allow_visitor_nickchange</c>. Default true.</summary>
    [ConfigName("allow_visitor_nickchange")]
    public bool AllowVisitorNickChange { get; init; } = true;

    /// <summary><c>public</c>: whether the room is listed. Default true.</summary>
    public bool Public { get; init; } = true;

    /// <summary><c>public_list</c>: whether its occupants are shown to everybody. Default true.</summary>
    public bool PublicList { get; init; } = true;

    /// <summary><c>persistent</c>: whether the room stays when it is empty. Default false.</summary>
    public bool Persistent { get; init; }

    /// <summary><c>moderated</c>: whether visitors have no voice. Default true.</summary>
    public bool Moderated { get; init; } = true;

    /// <summary><c>members_by_default</c>: newcomers are participants, else visitors. Default true.</summary>
    public bool MembersByDefault { get; init; } = true;

    /// <summary><c>members_only</c>. Default false.</summary>
    public bool MembersOnly { get; init; }

    /// <summary><c>allow_user_invites</c>: those who are no moderators may invite. Default false.</summary>
    public bool AllowUserInvites { get; init; }

    /// <summary><c>allow_multiple_sessions</c>: sessions of an account may share a nick. Default false.</summary>
    public bool AllowMultipleSessions { get; init; }

    /// <summary><c>password_protected</c>. Default false.</summary>
    public bool PasswordProtected { get; init; }

    /// <summary><c>password</c>. Default empty.</summary>
    [Secret]
    public string Password { get; init; } = "";

    /// <summary><c>anonymous</c>: whether only moderators see real addresses. Default true.</summary>
    public bool Anonymous { get; init; } = true;

    /// <summary><c>logging</c>: whether mod_muc_log logs the room. Default false.</summary>
    public bool Logging { get; init; }

    /// <summary><c>max_users</c>. Default 200; never more than the service's.</summary>
    [AtLeast(1)]
    public int MaxUsers { get; init; } = 200;

    /// <summary><c>maygetmemberlist</c>: roles that may see the lists of affiliations. Default: none beside admins and owners.</summary>
    [ConfigName("maygetmemberlist")]
    public IReadOnlyList<ListedRole> MayGetMemberList { get; init; } = [];

    /// <summary><c>affiliations</c>: affiliations that every new room has. Default: none.</summary>
    public IReadOnlyList<DefaultAffiliationOptions> Affiliations { get; init; } = [];

    /// <summary><c>subject</c>. Default empty.</summary>
    public string Subject { get; init; } = "";

    /// <summary><c>subject_author</c>: the nick that the subject is from. Default empty.</summary>
    public string SubjectAuthor { get; init; } = "";

    /// <summary>A protected room needs a password.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PasswordProtected && Password.Length == 0)
        {
            yield return new ConfigRule("needs a password when password_protected is true", nameof(Password), "missing_password");
        }
    }

    internal RoomConfiguration ToConfiguration(int mostUsers)
    {
        var roles = RoleSet.None;
        foreach (var role in MayGetMemberList)
        {
            roles |= role switch
            {
                ListedRole.Moderator => RoleSet.Moderator,
                ListedRole.Participant => RoleSet.Participant,
                _ => RoleSet.Visitor,
            };
        }

        return new RoomConfiguration
        {
            Title = Title,
            Description = Description,
            AllowChangeSubject = AllowChangeSubj,
            AllowQueryUsers = AllowQueryUsers,
            AllowPrivateMessages = AllowPrivateMessages,
            AllowVisitorStatus = AllowVisitorStatus,
            AllowVisitorNickChange = AllowVisitorNickChange,
            IsPublic = Public,
            IsListPublic = PublicList,
            IsPersistent = Persistent,
            IsModerated = Moderated,
            MembersByDefault = MembersByDefault,
            IsMembersOnly = MembersOnly,
            AllowUserInvites = AllowUserInvites,
            AllowMultipleSessions = AllowMultipleSessions,
            IsPasswordProtected = PasswordProtected,
            Password = Password,
            IsSemiAnonymous = Anonymous,
            Logging = Logging,
            MaxUsers = Math.Min(MaxUsers, mostUsers),
            MayGetMemberList = roles,
        };
    }
}

/// <summary>A role that <c>maygetmemberlist</c> can name.</summary>
public enum ListedRole
{
    /// <summary>Moderators.</summary>
    Moderator,

    /// <summary>Participants.</summary>
    Participant,

    /// <summary>Visitors, and those who are not in the room.</summary>
    Visitor,
}

/// <summary>An affiliation that every new room has: a <c>[[modules.mod_muc.default_room.affiliations]]</c> table.</summary>
public sealed record DefaultAffiliationOptions
{
    /// <summary><c>user</c>: localpart of the account; empty for the whole domain.</summary>
    [Localpart]
    public required string User { get; init; }

    /// <summary><c>server</c>: its domain.</summary>
    [Domain]
    public required string Server { get; init; }

    /// <summary><c>resource</c>: its resource; empty for all.</summary>
    public string Resource { get; init; } = "";

    /// <summary><c>affiliation</c>.</summary>
    public required Affiliation Affiliation { get; init; }
}
