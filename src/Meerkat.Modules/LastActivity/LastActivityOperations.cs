using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Modules.LastActivity;

/// <summary>What an administrator may ask about activity (LST-006).</summary>
/// <param name="store">The store.</param>
/// <param name="server">The server: who is there now is active now.</param>
public sealed class LastActivityOperations(ILastActivityStore store, ServerContext server)
{
    /// <summary>What was last stored of an account; null when it was never seen to leave.</summary>
    public ValueTask<LastSeen?> FindAsync(BareJid account, CancellationToken ct) => store.FindAsync(account, ct);

    /// <summary>Sets what is known of an account, unless something newer is.</summary>
    public ValueTask SetAsync(BareJid account, LastSeen seen, CancellationToken ct) => store.SetAsync(account, seen, ct);

    /// <summary>How many accounts of a domain have left at a moment or later.</summary>
    public ValueTask<long> CountActiveAsync(string domain, DateTimeOffset since, CancellationToken ct) => store.CountSinceAsync(domain, since, ct);

    /// <summary>The accounts of a domain that have not been there for some days and are not there now.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="days">How many days.</param>
    /// <param name="ct">Cancels the wait.</param>
    public async ValueTask<IReadOnlyList<BareJid>> ListInactiveAsync(string domain, int days, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(days);
        var inactive = new List<BareJid>();
        foreach (var account in await store.ListBeforeAsync(domain, server.Time.GetUtcNow().AddDays(-days), ct))
        {
            if ((await server.Sessions.FindAsync(account, ct)).Count == 0)
            {
                inactive.Add(account);
            }
        }

        return inactive;
    }
}
