using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>What is kept of the administrators of domains: one a domain, with the keys of its password (AUTH-168).</summary>
/// <remarks>Safe for concurrent use. Domains are prepared names; whether one is served is not asked here. Of two that set one password at once, one stays whole.</remarks>
public interface IDomainAdminStore
{
    /// <returns>What is kept of the password; null when the domain has no administrator, or when what is kept is corrupted.</returns>
    ValueTask<ScramCredentials?> FindAsync(string domain, CancellationToken ct);

    /// <summary>Gives a domain its administrator, or that one another password.</summary>
    ValueTask SetAsync(string domain, ScramCredentials credentials, CancellationToken ct);

    /// <returns>False when there was none.</returns>
    ValueTask<bool> RemoveAsync(string domain, CancellationToken ct);
}
