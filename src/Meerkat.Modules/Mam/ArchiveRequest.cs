using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>A request to an archive, and what its sender may.</summary>
/// <param name="Owner">Whose archive: an account or a room.</param>
/// <param name="Iq">The request.</param>
/// <param name="Payload">Its first child.</param>
internal sealed record ArchiveRequest(BareJid Owner, Iq Iq, XmlElement Payload)
{
    /// <summary>Whether it is a room's archive.</summary>
    public bool IsRoom { get; init; }

    /// <summary>Whether the requester may read when no access rule says otherwise (MAM-044, MAM-063).</summary>
    public bool MayRead { get; init; }

    /// <summary>Whether the requester may set preferences when no access rule says otherwise.</summary>
    public bool MaySet { get; init; }

    /// <summary>Whether the requester may see who a room's senders are (MAM-061).</summary>
    public bool SeesIdentities { get; init; }

    /// <summary>The namespace in which is asked: it is answered in the same.</summary>
    public string Namespace => Payload.Namespace;
}
