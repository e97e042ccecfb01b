using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Offline;

/// <summary>What offline storage needs kept: messages per account, in the order in which they were added.</summary>
/// <remarks>Safe for concurrent use. When a call has completed, its change survives the death of the process (architecture §2, durability).</remarks>
public interface IOfflineStore : IAccountData
{
    /// <summary>Adds a message behind all that are there.</summary>
    /// <param name="account">Who it is for.</param>
    /// <param name="message">The message.</param>
    /// <param name="limit">How many messages that have not expired may be kept; <see cref="long.MaxValue"/> without limit. Counted and written as one.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <returns>False when there were that many already: nothing is written then.</returns>
    /// <exception cref="StorageBusyException">The store cannot take it now; nothing is written.</exception>
    ValueTask<bool> AddAsync(BareJid account, OfflineMessage message, long limit, CancellationToken ct);

    /// <summary>The oldest messages of an account, expired ones too. They stay.</summary>
    /// <param name="account">The account.</param>
    /// <param name="max">At most so many.</param>
    /// <param name="ct">Cancels the wait.</param>
    ValueTask<IReadOnlyList<StoredMessage>> PeekAsync(BareJid account, int max, CancellationToken ct);

    /// <summary>Gives one node of a cluster the right to hand over what waits for an account, for a time. Who has it already has it longer. Checked and written as one.</summary>
    /// <param name="account">The account.</param>
    /// <param name="claim">Who wants it, and until when.</param>
    /// <param name="now">When a claim of somebody else has run out: then, and later.</param>
    /// <param name="gone">Somebody whose claim counts no more; null for nobody.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <returns>Who has it now.</returns>
    ValueTask<string> ClaimAsync(BareJid account, OfflineClaim claim, DateTimeOffset now, string? gone, CancellationToken ct);

    /// <summary>Gives the right back; nothing happens where somebody else has it.</summary>
    ValueTask UnclaimAsync(BareJid account, string holder, CancellationToken ct);

    /// <summary>Removes messages of an account; those that are gone already do not matter.</summary>
    ValueTask RemoveAsync(BareJid account, IReadOnlyList<long> ids, CancellationToken ct);

    /// <summary>How many messages of an account have not expired.</summary>
    ValueTask<long> CountAsync(BareJid account, DateTimeOffset now, CancellationToken ct);

    /// <summary>Removes what expired before <paramref name="now"/>, for all accounts of a domain.</summary>
    /// <returns>How many.</returns>
    ValueTask<long> RemoveExpiredAsync(string domain, DateTimeOffset now, CancellationToken ct);

    /// <summary>Removes what was stored before <paramref name="moment"/>, for all accounts of a domain.</summary>
    /// <returns>How many.</returns>
    ValueTask<long> RemoveOlderAsync(string domain, DateTimeOffset moment, CancellationToken ct);
}

/// <summary>The right to hand over an account's messages.</summary>
/// <param name="Holder">Who has it: a node.</param>
/// <param name="Until">Until when, by the clock of the one who claims. Microseconds are kept.</param>
public readonly record struct OfflineClaim(string Holder, DateTimeOffset Until);

/// <summary>A message that waits for its recipient.</summary>
/// <param name="Xml">The stanza in UTF-8, with its addresses and without a delay.</param>
/// <param name="From">The sender; null when it has none.</param>
/// <param name="Stored">When it was stored, which decides whether it is old or expired. Microseconds are kept.</param>
/// <param name="Sent">When it was sent: what its delay says. Microseconds are kept.</param>
/// <param name="Expires">From then on it is worth nothing (XEP-0023); null for never.</param>
public sealed record OfflineMessage(ReadOnlyMemory<byte> Xml, Jid? From, DateTimeOffset Stored, DateTimeOffset Sent, DateTimeOffset? Expires);

/// <summary>A message in the store.</summary>
/// <param name="Id">The store's name for it, unique in the store.</param>
/// <param name="Message">The message.</param>
public readonly record struct StoredMessage(long Id, OfflineMessage Message);
