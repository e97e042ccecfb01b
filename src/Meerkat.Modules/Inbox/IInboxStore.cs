using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Inbox;

/// <summary>What the inbox needs kept: conversations by account and contact.</summary>
/// <remarks>Safe for concurrent use. Two changes of one conversation at once: one after the other, and no count is lost. When a write has completed, it survives the death of the process.</remarks>
public interface IInboxStore : IAccountData
{
    /// <summary>Changes conversations, all or none, in their order (INB-011 to INB-014).</summary>
    /// <returns>What came of each, in that order.</returns>
    /// <exception cref="StorageBusyException">The store cannot take it now; nothing is written.</exception>
    ValueTask<IReadOnlyList<InboxOutcome>> ApplyAsync(IReadOnlyList<InboxTask> tasks, CancellationToken ct);

    /// <summary>One conversation; null when there is none.</summary>
    ValueTask<InboxEntry?> FindAsync(BareJid owner, BareJid remote, CancellationToken ct);

    /// <summary>Conversations of an account.</summary>
    ValueTask<IReadOnlyList<InboxEntry>> QueryAsync(BareJid owner, InboxFilter filter, CancellationToken ct);

    /// <summary>Sets properties of a conversation (INB-032).</summary>
    /// <returns>The conversation with them; null when there is none.</returns>
    ValueTask<InboxEntry?> SetAsync(BareJid owner, BareJid remote, InboxProperties properties, CancellationToken ct);

    /// <summary>Empties an account's bin.</summary>
    /// <param name="owner">The account.</param>
    /// <param name="before">Only what was last changed before this moment, in microseconds since 1970; <see cref="long.MaxValue"/> for all.</param>
    /// <param name="ct">Gives up before the removal begins.</param>
    /// <returns>How many conversations went.</returns>
    ValueTask<int> EmptyBinAsync(BareJid owner, long before, CancellationToken ct);

    /// <summary>Empties the bins of all accounts of a domain.</summary>
    /// <inheritdoc cref="EmptyBinAsync(BareJid, long, CancellationToken)"/>
    ValueTask<int> EmptyBinsAsync(string domain, long before, CancellationToken ct);

    /// <summary>Removes conversations of a domain's accounts.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="limit">At most so many now.</param>
    /// <param name="ct">Gives up before the removal begins.</param>
    /// <returns>How many; fewer than <paramref name="limit"/> when none is left.</returns>
    ValueTask<int> RemoveSomeAsync(string domain, int limit, CancellationToken ct);
}

/// <summary>Which conversations are asked for (INB-023, INB-024).</summary>
public sealed record InboxFilter
{
    /// <summary>The box; null is every one but the bin, <see cref="InboxBox.All"/> every one.</summary>
    public string? Box { get; init; }

    /// <summary>Only those with something unread.</summary>
    public bool IsUnread { get; init; }

    /// <summary>The earliest moment of the last message, in microseconds since 1970.</summary>
    public long Start { get; init; }

    /// <summary>The latest moment of the last message.</summary>
    public long End { get; init; } = long.MaxValue;

    /// <summary>Only those that come after this one when the newest is first; null for all. Where two have the same moment, the contact's address orders them.</summary>
    public (long Timestamp, BareJid Remote)? OlderThan { get; init; }

    /// <summary>Only those that come before this one when the newest is first; null for all.</summary>
    public (long Timestamp, BareJid Remote)? NewerThan { get; init; }

    /// <summary>Whether the oldest comes first.</summary>
    public bool IsAscending { get; init; }

    /// <summary>At most so many, from the beginning of that order.</summary>
    public int Limit { get; init; } = int.MaxValue;
}

/// <summary>Properties of a conversation; null leaves one as it is.</summary>
/// <param name="Box">The box.</param>
/// <param name="IsRead">True sets the unread count to 0; false sets it to 1 where it is 0.</param>
/// <param name="MutedUntil">Microseconds since 1970; 0 is not muted.</param>
public sealed record InboxProperties(string? Box, bool? IsRead, long? MutedUntil)
{
    /// <summary>A conversation with these properties.</summary>
    public InboxEntry ApplyTo(InboxEntry entry) => entry with
    {
        Box = Box ?? entry.Box,
        Unread = IsRead is null ? entry.Unread : IsRead.Value ? 0 : Math.Max(entry.Unread, 1),
        MutedUntil = MutedUntil ?? entry.MutedUntil,
    };
}
