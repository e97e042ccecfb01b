using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>A message in an archive.</summary>
/// <param name="Id">Its id (MAM-001): rises with time, unique in its archive.</param>
/// <param name="From">Who sent it, as its reader is told: a full JID, or <c>room/nick</c>. Null only when what is stored is none.</param>
/// <param name="Xml">The stanza in UTF-8, in <c>jabber:client</c> where it declares nothing else; its own addresses do not count.</param>
public sealed record ArchivedMessage(long Id, Jid? From, ReadOnlyMemory<byte> Xml)
{
    /// <summary>With whom: in an account's archive the contact (or the room), in a room's archive the real account of the sender.</summary>
    public required BareJid Remote { get; init; }

    /// <summary>The contact's resource, or the sender's nick in a room; null when there is none.</summary>
    public string? Resource { get; init; }

    /// <summary>Whether the archive's owner sent it. False in a room's archive.</summary>
    public bool IsOutgoing { get; init; }

    /// <summary>Whether it is of type groupchat.</summary>
    public bool IsGroupchat { get; init; }

    /// <summary>The id that its sender's client gave it (XEP-0359); null when it gave none.</summary>
    public string? OriginId { get; init; }

    /// <summary>Its text for the search, as <see cref="ArchiveText"/> makes it. Written only: a store need not give it back. Null when it is not to be found.</summary>
    public string? SearchText { get; init; }
}

/// <summary>A message and the archive to which it belongs.</summary>
/// <param name="Owner">Whose archive: an account or a room.</param>
/// <param name="Message">The message.</param>
public readonly record struct ArchiveEntry(BareJid Owner, ArchivedMessage Message);
