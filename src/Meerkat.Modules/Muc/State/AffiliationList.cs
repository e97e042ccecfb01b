using System.Collections.Immutable;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>An affiliation and why it was given.</summary>
/// <param name="Affiliation">The affiliation; never <see cref="Affiliation.None"/> in a list.</param>
/// <param name="Reason">Why, as the one who gave it said; empty for nothing.</param>
internal readonly record struct AffiliationEntry(Affiliation Affiliation, string Reason);

/// <summary>The affiliations of a room. Immutable.</summary>
/// <remarks>Keys are bare JIDs as a rule; bans may be for a domain or a resource of a domain (MUC-065).</remarks>
internal sealed class AffiliationList
{
    public static readonly AffiliationList Empty = new(ImmutableDictionary<Jid, AffiliationEntry>.Empty);

    private readonly ImmutableDictionary<Jid, AffiliationEntry> _entries;

    private AffiliationList(ImmutableDictionary<Jid, AffiliationEntry> entries) => _entries = entries;

    public int Count => _entries.Count;

    public IEnumerable<KeyValuePair<Jid, AffiliationEntry>> Entries => _entries;

    /// <summary>Looks for the full address, the bare one, the resource of the domain, the domain (MUC-065).</summary>
    public Affiliation Of(Jid user)
    {
        if (_entries.Count == 0)
        {
            return Affiliation.None;
        }

        if (_entries.TryGetValue(user, out var entry) || _entries.TryGetValue(user.Bare, out entry))
        {
            return entry.Affiliation;
        }

        if (user is FullJid { Resource: var resource } && FullJid.TryCreate(user.Bare.DomainJid, resource, out var ofDomain) && _entries.TryGetValue(ofDomain, out entry))
        {
            return entry.Affiliation;
        }

        return _entries.TryGetValue(user.Bare.DomainJid, out entry) ? entry.Affiliation : Affiliation.None;
    }

    public AffiliationEntry? Find(Jid key) => _entries.TryGetValue(key, out var entry) ? entry : null;

    public AffiliationList With(Jid key, Affiliation affiliation, string reason) =>
        new(affiliation is Affiliation.None ? _entries.Remove(key) : _entries.SetItem(key, new AffiliationEntry(affiliation, reason)));
}
