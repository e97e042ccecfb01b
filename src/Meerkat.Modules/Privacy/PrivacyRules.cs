using Meerkat.Modules.Roster;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Privacy;

/// <summary>Decides by a list whether a stanza passes (XEP-0016 §2.2, PRV-006, PRV-007). Pure; quick for the few items that lists have.</summary>
internal static class PrivacyRules
{
    /// <summary>What a list says to a stanza.</summary>
    /// <param name="list">The list; null allows.</param>
    /// <param name="roster">The account's contacts; looked at only by items about groups and subscriptions.</param>
    /// <param name="account">Whose list it is: its own resources always pass (XEP-0016 §2.1).</param>
    /// <param name="stanza">The stanza.</param>
    /// <param name="incoming">Whether it comes to the account.</param>
    public static PrivacyAction Decide(PrivacyList? list, IReadOnlyDictionary<Jid, RosterItem>? roster, BareJid account, Stanza stanza, bool incoming)
    {
        if (list is null || stanza is Message { IsError: true } || (incoming && stanza is Presence { Type: PresenceType.Error or PresenceType.Probe }))
        {
            return PrivacyAction.Allow; // PRV-007, PRV-009
        }

        return (incoming ? stanza.From : stanza.To) is { } peer && !peer.Bare.Equals(account)
            ? Decide(list, roster, peer, ScopeOf(stanza, incoming))
            : PrivacyAction.Allow;
    }

    /// <summary>What a list says to a kind of stanza from or to somebody.</summary>
    public static PrivacyAction Decide(PrivacyList? list, IReadOnlyDictionary<Jid, RosterItem>? roster, Jid peer, PrivacyScope kind)
    {
        if (list is not null)
        {
            foreach (var item in list.Items)
            {
                if ((item.Scope & (kind | PrivacyScope.All)) != 0 && Fits(item, roster, peer))
                {
                    return item.Action;
                }
            }
        }

        return PrivacyAction.Allow;
    }

    // Outgoing messages and IQs, and presence that is about subscriptions, have no name of their own (PRV-007).
    private static PrivacyScope ScopeOf(Stanza stanza, bool incoming) => stanza switch
    {
        Presence { Type: PresenceType.Available or PresenceType.Unavailable } => incoming ? PrivacyScope.PresenceIn : PrivacyScope.PresenceOut,
        Message when incoming => PrivacyScope.Message,
        Iq when incoming => PrivacyScope.Iq,
        _ => PrivacyScope.None,
    };

    private static bool Fits(PrivacyItem item, IReadOnlyDictionary<Jid, RosterItem>? roster, Jid peer) => item.Match switch
    {
        PrivacyMatch.Anybody => true,
        PrivacyMatch.Jid => Fits(item.Jid!, peer),
        PrivacyMatch.Group => Find(roster, peer)?.Groups.Contains(item.Value) is true,
        _ => (Find(roster, peer)?.State ?? SubscriptionState.None) is var state && (state & SubscriptionState.Both) == Wanted(item.Value),
    };

    // PRV-006: resource of an account, account, resource of a domain, domain with all that is on it.
    private static bool Fits(Jid pattern, Jid peer)
    {
        if (pattern is FullJid)
        {
            return pattern.Equals(peer) || (pattern.Local is null && pattern.Resource == peer.Resource && pattern.Domain == peer.Domain);
        }

        return pattern.IsDomain ? pattern.Bare.DomainUtf8.SequenceEqual(peer.Bare.DomainUtf8) : pattern.Equals(peer.Bare);
    }

    private static RosterItem? Find(IReadOnlyDictionary<Jid, RosterItem>? roster, Jid peer) =>
        roster is null ? null : roster.TryGetValue(peer, out var full) ? full : roster.TryGetValue(peer.Bare, out var bare) ? bare : null;

    private static SubscriptionState Wanted(string value) => value switch
    {
        "to" => SubscriptionState.To,
        "from" => SubscriptionState.From,
        "both" => SubscriptionState.Both,
        _ => SubscriptionState.None,
    };
}
