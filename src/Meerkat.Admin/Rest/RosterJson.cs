using Meerkat.Modules.Roster;

namespace Meerkat.Admin.Rest;

/// <summary>Rosters as both interfaces show and change them.</summary>
internal static class RosterJson
{
    /// <summary>A contact.</summary>
    public static object Show(RosterItem item) => new
    {
        jid = item.Contact.ToString(),
        subscription = (item.State & SubscriptionState.Both) switch
        {
            SubscriptionState.Both => "both",
            SubscriptionState.From => "from",
            SubscriptionState.To => "to",
            _ => "none",
        },
        ask = (item.State & (SubscriptionState.PendingIn | SubscriptionState.PendingOut)) switch
        {
            SubscriptionState.PendingIn => "in",
            SubscriptionState.PendingOut => "out",
            SubscriptionState.None => "none",
            _ => "both",
        },
    };

    /// <summary>Refuses what did not go well.</summary>
    public static RestAnswer Answer(RosterResult result) => result switch
    {
        RosterResult.Ok => RestAnswer.Done,
        RosterResult.UnknownDomain => throw new RestException(404, "The domain is not served here"),
        RosterResult.UserNotExist => throw new RestException(404, "There is no such account"),
        RosterResult.ContactNotFound => throw new RestException(404, "The roster has no such contact"),
        _ => throw new RestException(403, "The roster is full, or the name is too long"),
    };
}
