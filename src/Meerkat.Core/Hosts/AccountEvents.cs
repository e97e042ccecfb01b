using Meerkat.Core.Accounts;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hosts;

/// <summary>What happens around an account that comes or goes: hooks run, sessions end, every module's data go (AUTH-019, AUTH-061).</summary>
/// <param name="server">The server.</param>
/// <param name="hostType">Name of the host type of the accounts: a domain that is not served any more is not found by its own.</param>
public sealed class AccountEvents(ServerContext server, string hostType) : IAccountEvents
{
    /// <inheritdoc/>
    public async ValueTask RegisteredAsync(BareJid account, CancellationToken ct)
    {
        if (server.Domains.TryFindAccounts(account.Domain, out var domain))
        {
            await domain.Host.Hooks.RunAsync(AccountHooks.Registered, new AccountContext(domain.Host, account), ct);
        }
    }

    /// <inheritdoc/>
    public async ValueTask RemovedAsync(BareJid account, CancellationToken ct)
    {
        if (!server.Domains.TryFindAccounts(account.Domain, out var domain))
        {
            return;
        }

        // Contacts are told while the roster is still there; sessions go before data, so that none writes what was just removed.
        await domain.Host.Hooks.RunAsync(AccountHooks.Removing, new AccountContext(domain.Host, account), ct);
        await EndSessionsAsync(account, "User removed", ct);
        await RemoveDataAsync(domain.Host, account, ct);
        await server.Events.TellAsync(new ClusterEvent(ClusterTopics.AccountRemoved, account));
    }

    /// <inheritdoc/>
    public async ValueTask AnonymousLeftAsync(BareJid account, CancellationToken ct)
    {
        if (server.Domains.FindHostType(hostType) is { } host)
        {
            await RemoveDataAsync(host, account, ct);
        }
    }

    /// <inheritdoc/>
    public async ValueTask EndSessionsAsync(BareJid account, string reason, CancellationToken ct)
    {
        foreach (var session in await server.Sessions.FindAsync(account, ct))
        {
            session.Kick(StreamError.Conflict(reason)); // CORE-039
        }
    }

    private static async ValueTask RemoveDataAsync(HostType host, BareJid account, CancellationToken ct)
    {
        foreach (var data in host.Data)
        {
            await data.RemoveAccountAsync(account, ct);
        }
    }
}
