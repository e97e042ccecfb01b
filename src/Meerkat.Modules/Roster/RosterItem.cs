using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>A contact in an account's roster (RFC 6121 §2.1.2). Immutable.</summary>
/// <param name="Contact">The contact; bare, or full where a client asked for that (CORE-197).</param>
public sealed record RosterItem(Jid Contact)
{
    /// <summary>Subscription and pending requests.</summary>
    public SubscriptionState State { get; init; }

    /// <summary>The name that the account gave the contact; empty for none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The groups that it put the contact in, each once, in the order of the client.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The status text of the contact's request, while <see cref="SubscriptionState.PendingIn"/> holds (CORE-191); empty for none.</summary>
    public string Request { get; init; } = "";

    /// <summary>Elements of other namespaces that a client stored in the item.</summary>
    public IReadOnlyList<XmlElement> Extensions { get; init; } = [];

    /// <summary>Which version of the stored item this was read from: the store's own count, 0 for an item that is not stored yet.</summary>
    public long Revision { get; init; }

    /// <summary>Whether the item is nothing but a request of the contact, which no client sees in its roster (CORE-195, ROS-002).</summary>
    /// <remarks>An item to which the account gave a name or a group is its own, and stays visible when the contact asks.</remarks>
    public bool IsHidden => State is SubscriptionState.PendingIn && Name.Length == 0 && Groups.Count == 0;
}

/// <summary>What a store keeps for an account.</summary>
/// <param name="Items">All items, hidden ones too, in no order.</param>
/// <param name="Version">The version that the last change left (CORE-200); null when none did.</param>
public sealed record StoredRoster(IReadOnlyList<RosterItem> Items, string? Version)
{
    /// <summary>Of an account that has nothing stored.</summary>
    public static readonly StoredRoster Empty = new([], null);
}
