using System.Runtime.CompilerServices;
using Meerkat.Core.Portability;
using Meerkat.Xmpp;

namespace Meerkat.Modules.VCard;

/// <summary>An account's vCard in the portable format (XEP-0227 §4.5).</summary>
internal sealed class VCardPortable(IVCardStore store) : IPortableData
{
    private static readonly PortableElement s_card = new("vCard", Ns.VCard);

    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [s_card];

    /// <inheritdoc/>
    public async IAsyncEnumerable<PortablePiece> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await store.GetAsync(account, ct) is { } card)
        {
            yield return new PortablePiece(s_card, card);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Check(BareJid account, PortablePiece piece) => [];

    /// <inheritdoc/>
    public ValueTask ImportAsync(BareJid account, PortablePiece piece, CancellationToken ct) => store.SetAsync(account, piece.Xml, ct);
}
