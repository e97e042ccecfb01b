using System.Runtime.CompilerServices;
using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.VCard;

/// <summary>The reference implementation of <see cref="IVCardStore"/>, in memory.</summary>
public sealed class MemoryVCardStore : IVCardStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BareJid, XmlElement> _vcards = [];

    /// <inheritdoc/>
    public ValueTask<XmlElement?> GetAsync(BareJid owner, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_vcards.TryGetValue(owner, out var vcard) ? vcard : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(BareJid owner, XmlElement vcard, CancellationToken ct)
    {
        lock (_gate)
        {
            _vcards[owner] = vcard.Detach();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<VCardEntry>> SearchAsync(string domain, IReadOnlyList<VCardCriterion> criteria, int? limit, CancellationToken ct)
    {
        List<VCardEntry> found;
        lock (_gate)
        {
            found = [.. _vcards
                .Where(pair => pair.Key.Domain == domain && criteria.All(c => c.Holds(c.Field is VCardField.User ? pair.Key.Local ?? "" : VCardIndex.Folded(pair.Value, c.Field))))
                .Select(pair => new VCardEntry(pair.Key, pair.Value))];
        }

        found.Sort((a, b) => a.Owner.LocalUtf8.SequenceCompareTo(b.Owner.LocalUtf8));
        return new([.. found.Take(limit ?? int.MaxValue)]);
    }

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => RemoveWhere(owner => owner.Equals(account));

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => RemoveWhere(owner => owner.Domain == domain);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await GetAsync(account, ct) is { } vcard)
        {
            yield return new PersonalDataSection("vcard", ["jid", "vcard"], [[account.ToString(), vcard.ToString()]]); // OPS-147
        }
    }

    private ValueTask RemoveWhere(Predicate<BareJid> matches)
    {
        lock (_gate)
        {
            foreach (var owner in _vcards.Keys.Where(owner => matches(owner)).ToArray())
            {
                _vcards.Remove(owner);
            }
        }

        return ValueTask.CompletedTask;
    }
}
