using System.Runtime.CompilerServices;
using Meerkat.Core.Portability;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Privacy;

/// <summary>An account's privacy lists in the portable format (XEP-0227 §4.6). The blocking list is one of them; its items are denials there.</summary>
internal sealed class PrivacyPortable(IPrivacyStore store) : IPortableData
{
    private static readonly PortableElement s_query = new("query", Ns.Privacy);

    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [s_query];

    /// <inheritdoc/>
    public async IAsyncEnumerable<PortablePiece> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        var lists = await store.GetAsync(account, ct);
        if (lists.Lists.Count == 0)
        {
            yield break;
        }

        var query = new XmlBuilder("query", Ns.Privacy);
        if (lists.Default is { } chosen)
        {
            query.Start("default").Attribute("name", chosen).End();
        }

        yield return new PortablePiece(s_query, query.Add(lists.Lists.Select(PrivacyXml.Write)).Build());
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Check(BareJid account, PortablePiece piece) =>
        [.. piece.Xml.Children.Where(child => child.Is("list", Ns.Privacy) && !PrivacyXml.TryRead(child, out _)).Select(list => $"privacy list {list.Attribute("name")}: it cannot be read")];

    /// <inheritdoc/>
    public async ValueTask ImportAsync(BareJid account, PortablePiece piece, CancellationToken ct)
    {
        var chosen = piece.Xml.Child("default")?.Attribute("name");
        foreach (var child in piece.Xml.Children)
        {
            if (child.Is("list", Ns.Privacy) && PrivacyXml.TryRead(child, out var list) && list.Items.Count > 0)
            {
                await store.SetAsync(account, list, list.Name == chosen, ct);
            }
        }
    }
}
