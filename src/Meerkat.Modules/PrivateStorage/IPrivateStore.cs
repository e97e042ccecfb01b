using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.PrivateStorage;

/// <summary>What Private XML Storage needs kept: one XML fragment per account and namespace (PXM-003).</summary>
/// <remarks>Safe for concurrent use. Two writers of one fragment: the later write wins whole.</remarks>
public interface IPrivateStore : IAccountData
{
    /// <summary>Finds fragments.</summary>
    /// <param name="owner">The account.</param>
    /// <param name="asked">Elements whose namespaces are looked up.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <returns>As many as asked and in that order: what was last set in that namespace, or else the one asked.</returns>
    ValueTask<IReadOnlyList<XmlElement>> GetAsync(BareJid owner, IReadOnlyList<XmlElement> asked, CancellationToken ct);

    /// <summary>Sets all fragments or none, each under its own namespace; of several in one namespace the last stays.</summary>
    ValueTask SetAsync(BareJid owner, IReadOnlyList<XmlElement> fragments, CancellationToken ct);
}
