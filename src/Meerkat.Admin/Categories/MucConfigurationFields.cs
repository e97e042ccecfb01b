using System.Globalization;
using Meerkat.Admin.GraphQL;
using Meerkat.Modules.Muc;

namespace Meerkat.Admin.Categories;

/// <summary>The configuration of a room between GraphQL (<c>MUCRoomConfig</c>), the keys of <c>default_room</c> and the fields of the room's form.</summary>
internal static class MucConfigurationFields
{
    private static readonly (string Field, string Key, string Form)[] s_texts =
    [
        ("title", "title", "muc#roomconfig_roomname"),
        ("description", "description", "muc#roomconfig_roomdesc"),
        ("password", "password", "muc#roomconfig_roomsecret"),
    ];

    private static readonly (string Field, string Key, string Form)[] s_flags =
    [
        ("allowChangeSubject", "allow_change_subj", "muc#roomconfig_changesubject"),
        ("allowQueryUsers", "allow_query_users", "allow_query_users"),
        ("allowPrivateMessages", "allow_private_messages", "allow_private_messages"),
        ("allowVisitorStatus", "allow_visitor_status", "muc#roomconfig_allowvisitorstatus"),
        ("allowVisitorNickchange", "allow_visitor_nickchange", "muc#roomconfig_allowvisitornickchange"),
        ("public", "public", "muc#roomconfig_publicroom"),
        ("publicList", "public_list", "public_list"),
        ("persistent", "persistent", "muc#roomconfig_persistentroom"),
        ("moderated", "moderated", "muc#roomconfig_moderatedroom"),
        ("membersByDefault", "members_by_default", "members_by_default"),
        ("membersOnly", "members_only", "muc#roomconfig_membersonly"),
        ("allowUserInvites", "allow_user_invites", "muc#roomconfig_allowinvites"),
        ("allowMultipleSession", "allow_multiple_sessions", "muc#roomconfig_allowmultisessions"),
        ("passwordProtected", "password_protected", "muc#roomconfig_passwordprotectedroom"),
        ("anonymous", "anonymous", "anonymous"),
        ("logging", "logging", "muc#roomconfig_enablelogging"),
    ];

    /// <summary>A configuration as GraphQL shows it.</summary>
    public static object Show(IReadOnlyDictionary<string, string> configuration)
    {
        var shown = new ResultFields();
        foreach (var (field, key, _) in s_texts)
        {
            shown[field] = configuration.GetValueOrDefault(key, "");
        }

        foreach (var (field, key, _) in s_flags)
        {
            shown[field] = configuration.GetValueOrDefault(key) == "1";
        }

        shown["maxUsers"] = int.Parse(configuration["max_users"], CultureInfo.InvariantCulture);
        shown["mayGetMemberList"] = MucOperations.RolesOf(configuration["maygetmemberlist"]);
        return shown;
    }

    /// <summary>Changes as the fields of the room's form. What is missing or null is left out.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Read(IDictionary<string, object?> config)
    {
        var form = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var (field, _, name) in s_texts)
        {
            if (config.TryGetValue(field, out var value) && value is string text)
            {
                form[name] = [text];
            }
        }

        foreach (var (field, _, name) in s_flags)
        {
            if (config.TryGetValue(field, out var value) && value is bool flag)
            {
                form[name] = [flag ? "1" : "0"];
            }
        }

        if (config.TryGetValue("maxUsers", out var most) && most is int number)
        {
            form["muc#roomconfig_maxusers"] = [number.ToString(CultureInfo.InvariantCulture)];
        }

        if (config.TryGetValue("mayGetMemberList", out var roles) && roles is IEnumerable<object?> list)
        {
            form["muc#roomconfig_getmemberlist"] = [.. list.Cast<string>()];
        }

        return form;
    }
}
