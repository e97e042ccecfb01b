using System.Collections.Concurrent;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>Administrators of domains in memory.</summary>
public sealed class MemoryDomainAdminStore : IDomainAdminStore
{
    private readonly ConcurrentDictionary<string, ScramCredentials> _kept = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<ScramCredentials?> FindAsync(string domain, CancellationToken ct) => new(_kept.GetValueOrDefault(domain));

    /// <inheritdoc/>
    public ValueTask SetAsync(string domain, ScramCredentials credentials, CancellationToken ct)
    {
        _kept[domain] = credentials;
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(string domain, CancellationToken ct) => new(_kept.TryRemove(domain, out _));
}
