using Meerkat.Core.Sessions;
using Meerkat.Modules.Roster;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Privacy;

/// <summary>The lists of an account with what is needed to go by them. Immutable.</summary>
/// <param name="Account">The account.</param>
/// <param name="Lists">Its lists.</param>
/// <param name="Roster">Its contacts; null where no list asks for them.</param>
internal sealed record AccountPrivacy(BareJid Account, PrivacyLists Lists, IReadOnlyDictionary<Jid, RosterItem>? Roster)
{
    /// <summary>The default list; null for none.</summary>
    public PrivacyList? Default { get; } = Lists.Default is { } name ? Lists.Find(name) : null;

    /// <summary>Whether there is any list.</summary>
    public bool Any => Lists.Lists.Count > 0;

    /// <summary>The list that a session goes by: its active one, else the default; null for none.</summary>
    public PrivacyList? ListOf(IBoundSession? session) =>
        session?.Get(PrivacyState.Key) is { } state && Lists.Find(state.Active) is { } active ? active : Default;

    /// <summary>What the list of a session (null: the default list) says to a stanza.</summary>
    public PrivacyAction Decide(IBoundSession? session, Stanza stanza, bool incoming) => PrivacyMetrics.Checked(PrivacyRules.Decide(ListOf(session), Roster, Account, stanza, incoming));

    /// <summary>Whether a list lets somebody see the presence of the session that goes by it.</summary>
    public bool ShowsPresence(PrivacyList? list, Jid to) =>
        to.Bare.Equals(Account) || PrivacyRules.Decide(list, Roster, to, PrivacyScope.PresenceOut) is PrivacyAction.Allow;
}
