using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Core.Accounts;

/// <summary>What the methods <c>internal</c> and <c>rdbms</c> need kept: accounts with what is kept of their passwords (AUTH-044 to AUTH-055).</summary>
/// <remarks>
/// Safe for concurrent use. Every account given has a localpart. Of two that create the same account at once, one does. Of two that set its password, the later one wins.
/// <see cref="IAccountData.RemoveAccountAsync"/> removes the account itself.
/// </remarks>
public interface IAccountStore : IAccountData
{
    /// <returns>What is kept of the password; null when there is no such account, or when what is kept is corrupted (AUTH-041).</returns>
    ValueTask<AccountPassword?> FindPasswordAsync(BareJid account, CancellationToken ct);

    /// <summary>Whether there is such an account. Asked for stanzas to accounts that are away: cheap.</summary>
    ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct);

    /// <returns>False, and nothing is changed, when the account exists (AUTH-045).</returns>
    ValueTask<bool> CreateAsync(BareJid account, AccountPassword password, CancellationToken ct);

    /// <returns>False when there is no such account.</returns>
    ValueTask<bool> SetPasswordAsync(BareJid account, AccountPassword password, CancellationToken ct);

    /// <returns>False when there is no such account.</returns>
    ValueTask<bool> RemoveAsync(BareJid account, CancellationToken ct);

    /// <returns>The accounts of a domain, ordered by the UTF-8 bytes of their localparts.</returns>
    ValueTask<IReadOnlyList<Account>> ListAsync(string domain, AccountListing listing, CancellationToken ct);

    /// <returns>How many accounts a domain has.</returns>
    ValueTask<long> CountAsync(string domain, CancellationToken ct);
}
