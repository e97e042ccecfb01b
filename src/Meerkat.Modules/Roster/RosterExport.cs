using Meerkat.Core.Storage;

namespace Meerkat.Modules.Roster;

/// <summary>A roster as personal data (ROS-012, OPS-146): the same table whatever the store.</summary>
public static class RosterExport
{
    private static readonly string[] s_columns = ["jid", "name", "subscription", "ask", "groups", "askmessage", "xs"];

    /// <summary>The table of an account's items. Groups and extension elements stand one behind the other, separated by a line break.</summary>
    public static PersonalDataSection Of(IEnumerable<RosterItem> items) =>
        new("roster", s_columns, [.. items.OrderBy(item => item.Contact.ToString(), StringComparer.Ordinal).Select(Row)]);

    private static IReadOnlyList<string> Row(RosterItem item) =>
    [
        item.Contact.ToString(),
        item.Name,
        RosterXml.SubscriptionName(item.State),
        (item.State & (SubscriptionState.PendingOut | SubscriptionState.PendingIn)) switch
        {
            SubscriptionState.PendingOut => "out",
            SubscriptionState.PendingIn => "in",
            0 => "none",
            _ => "both",
        },
        string.Join('\n', item.Groups),
        item.Request,
        string.Join('\n', item.Extensions),
    ];
}
