using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>What the roster needs kept: the items of each account, and a version.</summary>
/// <remarks>
/// Safe for concurrent use. A write names the revision that it was made from and fails when the item has another one by now: the caller reads again and decides anew.
/// A write is durable when it completes.
/// </remarks>
public interface IRosterStore : IAccountData
{
    /// <summary>The whole roster and its version, as they were at one moment.</summary>
    /// <returns><see cref="StoredRoster.Empty"/> for an account that has nothing.</returns>
    ValueTask<StoredRoster> GetAsync(BareJid owner, CancellationToken ct);

    /// <summary>One item; null when there is none.</summary>
    ValueTask<RosterItem?> FindAsync(BareJid owner, Jid contact, CancellationToken ct);

    /// <summary>Writes an item whole, and the roster's version, both or neither.</summary>
    /// <param name="owner">The account.</param>
    /// <param name="item">The item; its <see cref="RosterItem.Revision"/> is that of the item it replaces, 0 when it is new. The store gives it a new one, higher than any it had.</param>
    /// <param name="version">The roster's new version; null leaves it as it is.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <returns>False when the stored item is not of that revision, or is there already: nothing changed.</returns>
    ValueTask<bool> TryWriteAsync(BareJid owner, RosterItem item, string? version, CancellationToken ct);

    /// <summary>Removes an item and writes the roster's version, both or neither.</summary>
    /// <param name="owner">The account.</param>
    /// <param name="item">The item as it was read: contact and revision count.</param>
    /// <param name="version">The roster's new version; null leaves it as it is.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <returns>False when the stored item is not of that revision or is gone: nothing changed.</returns>
    ValueTask<bool> TryRemoveAsync(BareJid owner, RosterItem item, string? version, CancellationToken ct);
}
