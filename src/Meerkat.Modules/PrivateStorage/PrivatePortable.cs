using System.Runtime.CompilerServices;
using System.Text;
using Meerkat.Core.Portability;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.PrivateStorage;

/// <summary>An account's private XML in the portable format (XEP-0227 §4.4).</summary>
internal sealed class PrivatePortable(IPrivateStore store) : IPortableData
{
    private static readonly PortableElement s_query = new("query", Ns.Private);

    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [s_query];

    /// <inheritdoc/>
    public async IAsyncEnumerable<PortablePiece> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        // The personal data are the fragments, each as it stands (PXM-003).
        var fragments = new List<XmlElement>();
        await foreach (var section in store.ExportAsync(account, ct))
        {
            fragments.AddRange(section.Rows.Select(row => XmlElement.Parse(Encoding.UTF8.GetBytes(row[1]), "", XmlLimits.Unlimited)));
        }

        if (fragments.Count > 0)
        {
            yield return new PortablePiece(s_query, new XmlBuilder("query", Ns.Private).Add(fragments).Build());
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Check(BareJid account, PortablePiece piece) =>
        [.. piece.Xml.Children.Where(fragment => !IsFragment(fragment)).Select(fragment => $"private XML: <{fragment.Name}/> has no namespace of its own")];

    /// <inheritdoc/>
    public async ValueTask ImportAsync(BareJid account, PortablePiece piece, CancellationToken ct)
    {
        var fragments = piece.Xml.Children.Where(IsFragment).ToArray();
        if (fragments.Length > 0)
        {
            await store.SetAsync(account, fragments, ct);
        }
    }

    private static bool IsFragment(XmlElement fragment) => fragment.Namespace is not ("" or Ns.Private); // PXM-002
}
