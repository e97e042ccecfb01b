using Meerkat.Xmpp;

namespace Meerkat.Modules.Privacy;

/// <summary>What <c>mod_privacy</c> offers to those who keep a list of their own: the blocking command. Safe for concurrent use.</summary>
public interface IPrivacyLists
{
    /// <summary>The lists of an account.</summary>
    ValueTask<PrivacyLists> FindAsync(BareJid account, CancellationToken ct);

    /// <summary>Changes one list of an account, one change at a time, and makes it the default. Contacts who may see less or more from now on are told (PRV-010, BLK-005).</summary>
    /// <param name="account">The account.</param>
    /// <param name="name">Name of the list.</param>
    /// <param name="change">Makes the new items of the old ones; the same object changes nothing, none removes the list. Given an empty list where there is none.</param>
    /// <param name="ct">Cancels waits before the write.</param>
    ValueTask ChangeDefaultAsync(BareJid account, string name, Func<IReadOnlyList<PrivacyItem>, IReadOnlyList<PrivacyItem>> change, CancellationToken ct);
}
