using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>What a subscription stanza does to an item.</summary>
/// <param name="Before">The state before.</param>
/// <param name="After">The state afterwards.</param>
/// <param name="Reply">What the server answers for the account by itself (CORE-190); null for nothing.</param>
public readonly record struct SubscriptionStep(SubscriptionState Before, SubscriptionState After, PresenceType? Reply = null)
{
    /// <summary>Whether the state changed. A stanza that came in and changed nothing is not shown to the account's clients (ROS-009).</summary>
    public bool IsChanged => Before != After;
}

/// <summary>The subscription state machine: a pure function (RFC 6121 appendix A, CORE-172 to CORE-190).</summary>
/// <remarks>
/// Differs from RFC 6121 in three places, as the reference does: <c>subscribed</c> completes a one-sided subscription without a request, sent in the state <c>to</c>
/// (CORE-185) and received in the state <c>from</c> (CORE-178), and an <c>unsubscribe</c> that came in is answered with <c>unsubscribed</c> (CORE-190).
/// </remarks>
public static class SubscriptionMachine
{
    /// <summary>A stanza of the contact reached the account.</summary>
    /// <param name="state">The item's state; <see cref="SubscriptionState.None"/> without an item.</param>
    /// <param name="type">One of the four subscription types; others change nothing.</param>
    public static SubscriptionStep Receive(SubscriptionState state, PresenceType type) => type switch
    {
        PresenceType.Subscribe when Has(state, SubscriptionState.From) => new(state, state, PresenceType.Subscribed),
        PresenceType.Subscribe => new(state, state | SubscriptionState.PendingIn),
        PresenceType.Subscribed when Has(state, SubscriptionState.PendingOut | SubscriptionState.From) && !Has(state, SubscriptionState.To) => new(state, (state & ~SubscriptionState.PendingOut) | SubscriptionState.To),
        PresenceType.Unsubscribe when Has(state, SubscriptionState.From | SubscriptionState.PendingIn) =>
            new(state, state & ~(SubscriptionState.From | SubscriptionState.PendingIn), PresenceType.Unsubscribed),
        PresenceType.Unsubscribed => new(state, state & ~(SubscriptionState.To | SubscriptionState.PendingOut)),
        _ => new(state, state),
    };

    /// <summary>The account sent a stanza to the contact.</summary>
    /// <param name="state">The item's state; <see cref="SubscriptionState.None"/> without an item.</param>
    /// <param name="type">One of the four subscription types; others change nothing.</param>
    public static SubscriptionStep Send(SubscriptionState state, PresenceType type) => type switch
    {
        PresenceType.Subscribe when !Has(state, SubscriptionState.To) => new(state, state | SubscriptionState.PendingOut),
        PresenceType.Subscribed when Has(state, SubscriptionState.PendingIn | SubscriptionState.To) && !Has(state, SubscriptionState.From) =>
            new(state, (state & ~SubscriptionState.PendingIn) | SubscriptionState.From),
        PresenceType.Unsubscribe => new(state, state & ~(SubscriptionState.To | SubscriptionState.PendingOut)),
        PresenceType.Unsubscribed => new(state, state & ~(SubscriptionState.From | SubscriptionState.PendingIn)),
        _ => new(state, state),
    };

    // Any of the bits.
    private static bool Has(SubscriptionState state, SubscriptionState any) => (state & any) != 0;
}
