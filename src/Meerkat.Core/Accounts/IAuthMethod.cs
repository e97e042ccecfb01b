using System.Security.Cryptography.X509Certificates;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>One way to decide who may log in (AUTH-001); <see cref="AuthChain"/> asks several in order. What a method does not say it cannot do (AUTH-185 to AUTH-193).</summary>
/// <remarks>Safe for concurrent use. Every account given is prepared and has a localpart. A failure (a database that is away) is an exception; the chain knows what it means.</remarks>
public interface IAuthMethod
{
    /// <summary>Its name; recorded with every session that it let in.</summary>
    AuthMethod Method { get; }

    /// <summary>Which mechanisms it can serve (AUTH-021 to AUTH-031).</summary>
    SaslSupport Support { get; }

    /// <summary>Whether its accounts outlive their sessions: false for anonymous ones, which are never a reason to store something (AUTH-063).</summary>
    bool IsStored => true;

    /// <summary>Whether it has such an account (AUTH-010).</summary>
    ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct);

    /// <returns>What is kept of the password (AUTH-009); null when there is no such account or nothing is kept here.</returns>
    ValueTask<AccountPassword?> FindPasswordAsync(BareJid account, CancellationToken ct) => new((AccountPassword?)null);

    /// <summary>Checks a password (AUTH-008). An unknown account has none.</summary>
    ValueTask<bool> CheckPasswordAsync(BareJid account, string password, CancellationToken ct) => new(false);

    /// <summary>Whether the account that a verified certificate was mapped to is let in.</summary>
    ValueTask<bool> AuthoriseCertificateAsync(BareJid account, X509Certificate2 certificate, CancellationToken ct) => new(false);

    /// <summary>Makes an account that exists in no method (AUTH-013).</summary>
    /// <returns><see cref="AccountResult.Ok"/>, <see cref="AccountResult.Exists"/> (another was faster) or <see cref="AccountResult.NotAllowed"/>.</returns>
    ValueTask<AccountResult> RegisterAsync(BareJid account, AccountPassword password, CancellationToken ct) => new(AccountResult.NotAllowed);

    /// <summary>Changes the password of an account (AUTH-012).</summary>
    /// <returns><see cref="AccountResult.Ok"/> or <see cref="AccountResult.NotAllowed"/>.</returns>
    ValueTask<AccountResult> SetPasswordAsync(BareJid account, AccountPassword password, CancellationToken ct) => new(AccountResult.NotAllowed);

    /// <summary>Removes an account (AUTH-014).</summary>
    /// <returns><see cref="AccountResult.Ok"/> or <see cref="AccountResult.NotAllowed"/>.</returns>
    ValueTask<AccountResult> RemoveAsync(BareJid account, CancellationToken ct) => new(AccountResult.NotAllowed);

    /// <returns>Its accounts in a domain, in order of their names; empty when it cannot tell.</returns>
    ValueTask<IReadOnlyList<BareJid>> ListAsync(string domain, AccountListing listing, CancellationToken ct) => new([]);

    /// <summary>As <see cref="IAccountStore.ListCreatedAsync"/>; empty when it cannot tell.</summary>
    ValueTask<IReadOnlyList<Account>> ListCreatedAsync(string domain, DateTimeOffset until, Account? after, int limit, CancellationToken ct) => new([]);

    /// <summary>As <see cref="IAccountStore.TryReplacePlainAsync"/>; false where nothing is kept.</summary>
    ValueTask<bool> TryReplacePlainAsync(BareJid account, string plain, AccountPassword password, CancellationToken ct) => new(false);

    /// <summary>As <see cref="IAccountStore.SampleAsync"/>; empty where nothing is kept.</summary>
    ValueTask<IReadOnlyList<AccountPassword>> SampleAsync(int limit, CancellationToken ct) => new([]);

    /// <returns>How many accounts it has in a domain; zero when it cannot tell.</returns>
    ValueTask<long> CountAsync(string domain, CancellationToken ct) => new(0L);

    /// <summary>Forgets a domain that was removed, where the method does that (AUTH-017).</summary>
    ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => default;
}
