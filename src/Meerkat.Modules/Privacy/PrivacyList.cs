using Meerkat.Xmpp;

namespace Meerkat.Modules.Privacy;

/// <summary>What an item of a privacy list does.</summary>
public enum PrivacyAction
{
    /// <summary>The stanza passes.</summary>
    Allow,

    /// <summary>The stanza does not pass.</summary>
    Deny,

    /// <summary>Neither, and its sender is told that it is blocked (XEP-0191): made by the blocking command only. On the wire of privacy lists it is a <c>deny</c>.</summary>
    Block,
}

/// <summary>Which stanzas an item is about (XEP-0016 §2.1).</summary>
[Flags]
public enum PrivacyScope
{
    /// <summary>None of those that have a name: what only an item for everything decides.</summary>
    None = 0,

    /// <summary>Incoming messages.</summary>
    Message = 1,

    /// <summary>Incoming IQs.</summary>
    Iq = 2,

    /// <summary>Incoming available and unavailable presence.</summary>
    PresenceIn = 4,

    /// <summary>Outgoing available and unavailable presence.</summary>
    PresenceOut = 8,

    /// <summary>Everything in both directions, the unnamed too.</summary>
    All = 16,
}

/// <summary>What an item compares the other side with.</summary>
public enum PrivacyMatch
{
    /// <summary>Nothing: it fits everybody.</summary>
    Anybody,

    /// <summary>The address.</summary>
    Jid,

    /// <summary>A group of the roster.</summary>
    Group,

    /// <summary>The subscription: <c>none</c>, <c>to</c>, <c>from</c>, <c>both</c>.</summary>
    Subscription,
}

/// <summary>An item of a privacy list. Immutable.</summary>
/// <param name="Order">Its place among the items.</param>
/// <param name="Action">What it does.</param>
/// <param name="Match">What it compares.</param>
/// <param name="Value">With what; empty for <see cref="PrivacyMatch.Anybody"/>, prepared for an address.</param>
/// <param name="Scope">Which stanzas.</param>
public sealed record PrivacyItem(uint Order, PrivacyAction Action, PrivacyMatch Match, string Value, PrivacyScope Scope)
{
    /// <summary>The address of an item that compares one; else null.</summary>
    public Jid? Jid { get; } = Match is PrivacyMatch.Jid ? Jid.Parse(Value) : null;
}

/// <summary>A privacy list. Immutable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Items">Its items, by their order.</param>
public sealed record PrivacyList(string Name, IReadOnlyList<PrivacyItem> Items)
{
    /// <summary>Name of the list that the blocking command keeps (BLK-001).</summary>
    public const string Blocking = "blocking";

    /// <summary>Whether it asks for the roster.</summary>
    public bool NeedsRoster { get; } = Items.Any(item => item.Match is PrivacyMatch.Group or PrivacyMatch.Subscription);
}

/// <summary>All that an account keeps. Immutable.</summary>
/// <param name="Default">Name of the default list; null when there is none.</param>
/// <param name="Lists">The lists, by name.</param>
public sealed record PrivacyLists(string? Default, IReadOnlyList<PrivacyList> Lists)
{
    /// <summary>Of an account that keeps none.</summary>
    public static readonly PrivacyLists Empty = new(null, []);

    /// <summary>A list; null when there is none of that name.</summary>
    public PrivacyList? Find(string? name)
    {
        foreach (var list in Lists)
        {
            if (list.Name == name)
            {
                return list;
            }
        }

        return null;
    }
}
