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

    /// <summary>A page of the accounts that existed at a moment (AUTH-053): accounts that come later do not shift it.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="until">Only accounts created at this moment or before.</param>
    /// <param name="after">Only accounts behind this one; null for the first page.</param>
    /// <param name="limit">At most so many; at least 1.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Ordered by the moment of their creation, then by the UTF-8 bytes of their localparts.</returns>
    ValueTask<IReadOnlyList<Account>> ListCreatedAsync(string domain, DateTimeOffset until, Account? after, int limit, CancellationToken ct);

    /// <summary>Sets a password if what is kept is still the plain one that the caller read (AUTH-038).</summary>
    /// <returns>False when there is no such account or its password is another one by now.</returns>
    ValueTask<bool> TryReplacePlainAsync(BareJid account, string plain, AccountPassword password, CancellationToken ct);

    /// <summary>What is kept of the passwords of some accounts, of whatever domain: the oldest and the newest ones. What is corrupted is left out.</summary>
    ValueTask<IReadOnlyList<AccountPassword>> SampleAsync(int limit, CancellationToken ct);

    /// <returns>How many accounts a domain has.</returns>
    ValueTask<long> CountAsync(string domain, CancellationToken ct);
}
