using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>Order when a roster has changed.</summary>
public enum RosterSlot
{
    /// <summary>Privacy lists with items about groups and subscriptions.</summary>
    Privacy,

    /// <summary>Contacts who may see the account from now on, or no longer, are told (CORE-193).</summary>
    Presence,

    /// <summary>Published data (personal eventing).</summary>
    Pep,

    /// <summary>Whoever only looks.</summary>
    Observe,
}

/// <summary>Hooks of rosters.</summary>
public static class RosterHooks
{
    /// <summary>An item of a local account's roster changed; it is stored and the account's clients know it.</summary>
    public static readonly Hook<RosterChange, RosterSlot> Changed = new("roster.changed");
}

/// <summary>A change of a roster.</summary>
/// <param name="Host">The account's host type.</param>
/// <param name="Owner">The account.</param>
/// <param name="Before">The item before; null when it is new.</param>
/// <param name="After">The item afterwards; null when it was removed.</param>
public sealed record RosterChange(HostType Host, BareJid Owner, RosterItem? Before, RosterItem? After)
{
    /// <summary>The contact.</summary>
    public Jid Contact => (After ?? Before)!.Contact;

    /// <summary>The subscription before; none without an item.</summary>
    public SubscriptionState StateBefore => Before?.State ?? SubscriptionState.None;

    /// <summary>The subscription afterwards; none without an item.</summary>
    public SubscriptionState StateAfter => After?.State ?? SubscriptionState.None;
}
