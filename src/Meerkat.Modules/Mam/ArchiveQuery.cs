using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>Which messages of an archive are asked for, and which page of them. Without any filter: the whole archive, its oldest page.</summary>
public sealed record ArchiveQuery
{
    /// <summary>Only messages with this account (in a room's archive: of this sender).</summary>
    public BareJid? With { get; init; }

    /// <summary>Only messages with this resource of the contact, or in a room of this nick (MAM-039, MAM-065).</summary>
    public string? Resource { get; init; }

    /// <summary>The lowest id that matches.</summary>
    public long From { get; init; }

    /// <summary>The highest id that matches.</summary>
    public long To { get; init; } = long.MaxValue;

    /// <summary>Leaves out messages of type groupchat (MAM-042).</summary>
    public bool WithoutGroupchat { get; init; }

    /// <summary>Texts that must all occur in the message's search text, each as <see cref="ArchiveText.Words"/> gives it; empty asks for none (MAM-041).</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The page begins behind this id. It does not narrow what matches.</summary>
    public long? After { get; init; }

    /// <summary>The page ends before this id. It does not narrow what matches.</summary>
    public long? Before { get; init; }

    /// <summary>The page begins with the match of this number, from 0; counts from the oldest. Null when not asked. Not together with the others.</summary>
    public int? Index { get; init; }

    /// <summary>The page is the one nearest to the end of what is asked, not to its beginning. Its order is still that of time.</summary>
    public bool FromEnd { get; init; }

    /// <summary>At most so many messages; 0 asks for the count alone.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>
    /// No count and no index are wanted, and nobody has to check that <see cref="After"/> and <see cref="Before"/> are in the archive: the page costs the same wherever it lies
    /// in however large an archive.
    /// </summary>
    public bool IsSimple { get; init; }
}

/// <summary>A page of an archive.</summary>
/// <param name="Messages">The messages in the order of their ids.</param>
/// <param name="IsLast">Whether nothing that matches lies beyond it, in the direction of paging (MAM-036).</param>
/// <param name="Count">How many messages match, wherever the page begins (MAM-035); null for a simple query.</param>
/// <param name="Index">How many matches lie before the page; null for a simple query, and for an empty page.</param>
public sealed record ArchivePage(IReadOnlyList<ArchivedMessage> Messages, bool IsLast, long? Count, long? Index);
