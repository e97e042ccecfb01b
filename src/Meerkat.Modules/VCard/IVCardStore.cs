using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.VCard;

/// <summary>What vCards need kept: one for each account, and an index to search them by (VCD-002, VCD-005).</summary>
/// <remarks>Safe for concurrent use. Of two that set one vCard the later wins whole, with its index.</remarks>
public interface IVCardStore : IAccountData
{
    /// <returns>The vCard as it was set; null when there is none.</returns>
    /// <exception cref="XmlFormatException">What is stored is damaged.</exception>
    ValueTask<XmlElement?> GetAsync(BareJid owner, CancellationToken ct);

    /// <summary>Sets a vCard, and what <see cref="VCardIndex.Folded"/> says of each of its fields as its index.</summary>
    ValueTask SetAsync(BareJid owner, XmlElement vcard, CancellationToken ct);

    /// <summary>Finds vCards in one domain.</summary>
    /// <param name="domain">The domain, prepared.</param>
    /// <param name="criteria">What must hold of each, all of it; at least one.</param>
    /// <param name="limit">At most so many; null for all.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>In the order of the UTF-8 bytes of their localparts.</returns>
    ValueTask<IReadOnlyList<VCardEntry>> SearchAsync(string domain, IReadOnlyList<VCardCriterion> criteria, int? limit, CancellationToken ct);
}

/// <summary>Somebody in the directory.</summary>
/// <param name="Owner">The account.</param>
/// <param name="VCard">Its vCard.</param>
public sealed record VCardEntry(BareJid Owner, XmlElement VCard);

/// <summary>What is searched for.</summary>
/// <param name="Field">In which field.</param>
/// <param name="Text">The text, folded (<see cref="VCardIndex.Fold"/>).</param>
/// <param name="IsPrefix">Whether the field only begins with the text.</param>
public sealed record VCardCriterion(VCardField Field, string Text, bool IsPrefix)
{
    /// <summary>Whether the criterion holds of a folded field.</summary>
    public bool Holds(string folded) => IsPrefix ? folded.StartsWith(Text, StringComparison.Ordinal) : folded == Text;
}
