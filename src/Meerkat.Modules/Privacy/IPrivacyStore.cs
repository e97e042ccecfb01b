using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Privacy;

/// <summary>What privacy lists and blocking need kept: an account's lists, and which of them is the default.</summary>
/// <remarks>Safe for concurrent use. Two writers of one list: the later write wins whole.</remarks>
public interface IPrivacyStore : IAccountData
{
    /// <summary>All lists of an account, by name in ordinal order; <see cref="PrivacyLists.Empty"/> when there are none.</summary>
    ValueTask<PrivacyLists> GetAsync(BareJid account, CancellationToken ct);

    /// <summary>Writes a list, in place of the one of that name if there is one.</summary>
    /// <param name="account">The account.</param>
    /// <param name="list">The list.</param>
    /// <param name="makeDefault">Whether it becomes the default too, in the same transaction.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    ValueTask SetAsync(BareJid account, PrivacyList list, bool makeDefault, CancellationToken ct);

    /// <summary>Removes a list; if it was the default, there is none afterwards.</summary>
    ValueTask RemoveAsync(BareJid account, string name, CancellationToken ct);

    /// <summary>Says which list is the default; null for none.</summary>
    ValueTask SetDefaultAsync(BareJid account, string? name, CancellationToken ct);
}
