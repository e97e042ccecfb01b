using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>Order when a roster has changed.</summary>
public enum RosterSlot
{
    /// <summary>Privacy lists that go by groups and subscriptions.</summary>
    Privacy,

    /// <summary>Contacts who may see the account from now on, or no longer, are told (CORE-193).</summary>
    Presence,

    /// <summary>Published data (personal eventing).</summary>
    Pep,

    /// <summary>Whoever only looks.</summary>
    Observe,
}

/// <summary>Order in which modules add to a roster that a client asked for.</summary>
public enum RosterListingSlot
{
    /// <summary>Rooms that the account is in.</summary>
    Rooms,
}

/// <summary>Who adds contacts to a roster that its store does not hold.</summary>
public enum RosterReadingSlot
{
    /// <summary>Contacts that a directory lays down (mod_shared_roster_ldap).</summary>
    Shared,
}

/// <summary>Who has a say before a client changes an item.</summary>
public enum RosterChangingSlot
{
    /// <summary>Contacts that a directory lays down.</summary>
    Shared,
}

/// <summary>Hooks of rosters.</summary>
public static class RosterHooks
{
    /// <summary>A roster was read from its store: handlers add contacts or replace them (ROS-011). Unlike those of <see cref="Listing"/> they count for presence and for privacy lists, and are part of the version.</summary>
    public static readonly Hook<RosterReading, RosterReadingSlot> Reading = new("roster.reading");

    /// <summary>A client wants to change or remove an item (ROS-011). Stop means that it is not the client's to change: nothing happens, and the client hears of success.</summary>
    public static readonly Hook<RosterChanging, RosterChangingSlot> Changing = new("roster.changing");

    /// <summary>A client asked for its roster: modules add items that they keep themselves (ROS-011). They are not stored, and changes of them are not pushed.</summary>
    public static readonly Hook<RosterListing, RosterListingSlot> Listing = new("roster.listing");

    /// <summary>An item of a local account's roster changed; it is stored and the account's clients know it.</summary>
    public static readonly Hook<RosterChange, RosterSlot> Changed = new("roster.changed");
}

/// <summary>A roster that was read.</summary>
/// <param name="Host">The account's host type.</param>
/// <param name="Owner">The account.</param>
/// <param name="Items">The items, by contact; to be changed by handlers.</param>
public sealed record RosterReading(HostType Host, BareJid Owner, Dictionary<Jid, RosterItem> Items);

/// <summary>A change that a client wants.</summary>
/// <param name="Host">The account's host type.</param>
/// <param name="Owner">The account.</param>
/// <param name="Contact">The contact.</param>
/// <param name="IsRemoval">Whether the item is to go.</param>
public sealed record RosterChanging(HostType Host, BareJid Owner, Jid Contact, bool IsRemoval);

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

/// <summary>A roster that a client asked for.</summary>
/// <param name="account">The account.</param>
/// <param name="stored">The items of the account's own.</param>
public sealed class RosterListing(BareJid account, IReadOnlyList<RosterItem> stored)
{
    private readonly List<RosterItem> _added = [];

    /// <summary>The account.</summary>
    public BareJid Account { get; } = account;

    /// <summary>All items so far.</summary>
    public IEnumerable<RosterItem> Items => stored.Concat(_added);

    /// <summary>What modules have added.</summary>
    public IReadOnlyList<RosterItem> Added => _added;

    /// <summary>Adds an item. Its contact must not be among the items yet.</summary>
    public void Add(RosterItem item) => _added.Add(item);
}
