namespace Meerkat.Modules.Roster;

/// <summary>What an account and a contact may see of each other, and what one of them has asked for (RFC 6121 appendix A). One byte.</summary>
[Flags]
public enum SubscriptionState : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The account sees the contact's presence.</summary>
    To = 1,

    /// <summary>The contact sees the account's presence.</summary>
    From = 2,

    /// <summary>Each sees the other's presence.</summary>
    Both = To | From,

    /// <summary>The account has asked the contact and waits for an answer.</summary>
    PendingOut = 4,

    /// <summary>The contact has asked the account and waits for an answer.</summary>
    PendingIn = 8,
}
