using System.Globalization;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>The form of a room's configuration (XEP-0045 §10.1.3, §10.2; MUC-001 to MUC-003). Pure.</summary>
internal static class ConfigurationForm
{
    private static readonly int[] s_userLimits = [5, 10, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000];

    /// <summary>The form as an owner is to fill it in (MUC-001).</summary>
    /// <param name="room">The room.</param>
    /// <param name="mostUsers">The service's limit.</param>
    /// <param name="mayPersist">Whether he may make it persistent.</param>
    /// <param name="mayLog">Whether he may have it logged.</param>
    public static DataForm Write(RoomState room, int mostUsers, bool mayPersist, bool mayLog)
    {
        var c = room.Configuration;
        var form = new DataFormBuilder(DataFormType.Form, Ns.MucRoomConfig)
            .Title($"Configuration of room {room.Jid}")
            .Instructions("Fill in the form to configure the room.")
            .Ask("muc#roomconfig_roomname", DataFieldType.TextSingle, "Room title", c.Title)
            .Ask("muc#roomconfig_roomdesc", DataFieldType.TextSingle, "Room description", c.Description);
        if (mayPersist)
        {
            form.Boolean("muc#roomconfig_persistentroom", "Make room persistent", c.IsPersistent);
        }

        form.Boolean("muc#roomconfig_publicroom", "Make room public searchable", c.IsPublic)
            .Boolean("public_list", "Make participants list public", c.IsListPublic)
            .Boolean("muc#roomconfig_passwordprotectedroom", "Make room password protected", c.IsPasswordProtected)
            .Ask("muc#roomconfig_roomsecret", DataFieldType.TextPrivate, "Password", c.IsPasswordProtected ? c.Password : "")
            .Add(new DataField("muc#roomconfig_getmemberlist", DataFieldType.ListMulti, Listed(c.MayGetMemberList))
            {
                Label = "Roles and affiliations that may retrieve member list",
                Options = [new("moderator", "moderator"), new("participant", "participant"), new("visitor", "visitor")],
            })
            .Choose("muc#roomconfig_maxusers", "Maximum number of occupants", UserLimits(c.MaxUsers, mostUsers), c.MaxUsers.ToString(CultureInfo.InvariantCulture))
            .Choose("muc#roomconfig_whois", "Present real Jabber IDs to", [new("moderators", "moderators only"), new("anyone", "anyone")], c.IsSemiAnonymous ? "moderators" : "anyone")
            .Boolean("muc#roomconfig_membersonly", "Make room members-only", c.IsMembersOnly)
            .Boolean("muc#roomconfig_moderatedroom", "Make room moderated", c.IsModerated)
            .Boolean("members_by_default", "Default users as participants", c.MembersByDefault)
            .Boolean("muc#roomconfig_changesubject", "Allow users to change the subject", c.AllowChangeSubject)
            .Boolean("allow_private_messages", "Allow users to send private messages", c.AllowPrivateMessages)
            .Boolean("allow_query_users", "Allow users to query other users", c.AllowQueryUsers)
            .Boolean("muc#roomconfig_allowinvites", "Allow users to send invites", c.AllowUserInvites)
            .Boolean("muc#roomconfig_allowmultisessions", "Allow users to enter room with multiple sessions", c.AllowMultipleSessions)
            .Boolean("muc#roomconfig_allowvisitorstatus", "Allow visitors to send status text in presence updates", c.AllowVisitorStatus)
            .Boolean("muc#roomconfig_allowvisitornickchange", "Allow visitors to change nickname", c.AllowVisitorNickChange)
            .Ask("muc#roomconfig_lang", DataFieldType.TextSingle, "Natural language for room discussions", c.Language);
        if (mayLog)
        {
            form.Boolean("muc#roomconfig_enablelogging", "Enable logging", c.Logging);
        }

        return form.Build();
    }

    /// <summary>Reads a submission: the fields that are there replace those of the configuration.</summary>
    /// <returns>The error; null when it was read.</returns>
    public static StanzaError? Read(DataForm form, RoomConfiguration before, MucOptions options, bool mayPersist, bool mayLog, out RoomConfiguration after)
    {
        after = before;
        foreach (var field in form.Fields)
        {
            if (field.Var is null or DataForm.FormTypeVar)
            {
                continue;
            }

            if ((field.Var is "muc#roomconfig_persistentroom" && !mayPersist) || (field.Var is "muc#roomconfig_enablelogging" && !mayLog))
            {
                return StanzaError.NotAcceptable(); // MUC-003
            }

            if (Set(after, field, options.MaxUsers) is not { } set)
            {
                return StanzaError.BadRequest($"Invalid field {field.Var}"); // MUC-002
            }

            after = set;
        }

        return Check(after, options);
    }

    /// <summary>Rules over the whole of a configuration (MUC-003); null when it keeps them.</summary>
    public static StanzaError? Check(RoomConfiguration configuration, MucOptions options) =>
        IsLonger(configuration.Title, options.MaxRoomName) || IsLonger(configuration.Description, options.MaxRoomDesc)
            || (configuration.IsPasswordProtected && configuration.Password.Length == 0)
            ? StanzaError.NotAcceptable()
            : null;

    private static RoomConfiguration? Set(RoomConfiguration c, DataField field, int mostUsers) => field.Var switch
    {
        "muc#roomconfig_roomname" => c with { Title = field.Value ?? "" },
        "muc#roomconfig_roomdesc" => c with { Description = field.Text },
        "muc#roomconfig_lang" => IsLanguage(field.Value) ? c with { Language = field.Value ?? "" } : null,
        "muc#roomconfig_roomsecret" => c with { Password = field.Value ?? "" },
        "muc#roomconfig_whois" or "anonymous" => field.Value switch
        {
            "moderators" => c with { IsSemiAnonymous = true },
            "anyone" => c with { IsSemiAnonymous = false },
            _ => field.Var is "anonymous" && field.TryGetBoolean(out var anonymous) ? c with { IsSemiAnonymous = anonymous } : null,
        },
        "muc#roomconfig_maxusers" => MaxUsers(field.Value, mostUsers) is { } most ? c with { MaxUsers = most } : null,
        "muc#roomconfig_getmemberlist" => Roles(field.Values) is { } roles ? c with { MayGetMemberList = roles } : null,
        _ => field.TryGetBoolean(out var value) ? SetBoolean(c, field.Var!, value) : null,
    };

    private static RoomConfiguration? SetBoolean(RoomConfiguration c, string name, bool value) => name switch
    {
        "muc#roomconfig_persistentroom" => c with { IsPersistent = value },
        "muc#roomconfig_publicroom" => c with { IsPublic = value },
        "public_list" => c with { IsListPublic = value },
        "muc#roomconfig_passwordprotectedroom" => c with { IsPasswordProtected = value },
        "muc#roomconfig_membersonly" => c with { IsMembersOnly = value },
        "muc#roomconfig_moderatedroom" => c with { IsModerated = value },
        "members_by_default" => c with { MembersByDefault = value },
        "muc#roomconfig_changesubject" => c with { AllowChangeSubject = value },
        "allow_private_messages" => c with { AllowPrivateMessages = value },
        "allow_query_users" => c with { AllowQueryUsers = value },
        "muc#roomconfig_allowinvites" => c with { AllowUserInvites = value },
        "muc#roomconfig_allowmultisessions" => c with { AllowMultipleSessions = value },
        "muc#roomconfig_allowvisitorstatus" => c with { AllowVisitorStatus = value },
        "muc#roomconfig_allowvisitornickchange" => c with { AllowVisitorNickChange = value },
        "muc#roomconfig_enablelogging" => c with { Logging = value },
        _ => null,
    };

    // The form of a tag of RFC 5646 §2.1; which languages there are is not for us to say.
    private static bool IsLanguage(string? text) =>
        string.IsNullOrEmpty(text) || (text.Length <= 35 && text.Split('-') is [{ Length: >= 2 } first, .. var rest] && first.All(char.IsAsciiLetter) && rest.All(tag => tag.Length is >= 1 and <= 8)
            && first.Length <= 8 && text.All(c => c is '-' || char.IsAsciiLetterOrDigit(c)));

    // MUC-006
    private static int? MaxUsers(string? text, int most) =>
        text is "none" ? most
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? Math.Min(number, most)
        : null;

    private static RoleSet? Roles(IReadOnlyList<string> values)
    {
        var roles = RoleSet.None;
        foreach (var value in values)
        {
            switch (value)
            {
                case "moderator":
                    roles |= RoleSet.Moderator;
                    break;
                case "participant":
                    roles |= RoleSet.Participant;
                    break;
                case "visitor":
                    roles |= RoleSet.Visitor;
                    break;
                case "none":
                    break;
                default:
                    return null;
            }
        }

        return roles;
    }

    /// <summary>Roles by name.</summary>
    public static string[] Listed(RoleSet roles) =>
    [
        .. (roles & RoleSet.Moderator) != 0 ? ["moderator"] : Array.Empty<string>(),
        .. (roles & RoleSet.Participant) != 0 ? ["participant"] : Array.Empty<string>(),
        .. (roles & RoleSet.Visitor) != 0 ? ["visitor"] : Array.Empty<string>(),
    ];

    private static IReadOnlyList<DataOption> UserLimits(int current, int most) =>
    [
        .. s_userLimits.Where(limit => limit <= most).Append(current).Append(most).Distinct().Order()
            .Select(limit => limit.ToString(CultureInfo.InvariantCulture)).Select(limit => new DataOption(limit, limit)),
        new DataOption("none", "No limit"),
    ];

    private static bool IsLonger(string text, int? limit) => limit is { } most && System.Text.Encoding.UTF8.GetByteCount(text) > most;
}
