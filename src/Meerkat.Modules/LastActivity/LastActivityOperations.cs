using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Modules.LastActivity;

/// <summary>An account that has not been there for long.</summary>
/// <param name="Account">The account.</param>
/// <param name="LastSeen">When it was last there; null when it never was.</param>
public sealed record OldAccount(BareJid Account, DateTimeOffset? LastSeen);

/// <summary>What an administrator may ask about activity, and do about its absence (LST-006, GQA-LAST-01 to GQA-LAST-05).</summary>
/// <param name="store">The store of one host type.</param>
/// <param name="server">The server: who is there now is active now.</param>
public sealed class LastActivityOperations(ILastActivityStore store, ServerContext server)
{
    /// <summary>What was last stored of an account; null when it was never seen to leave.</summary>
    public ValueTask<LastSeen?> FindAsync(BareJid account, CancellationToken ct) => store.FindAsync(account, ct);

    /// <summary>Sets what is known of an account, to a moment before what is known too.</summary>
    /// <param name="account">The account.</param>
    /// <param name="moment">When it was last there; null for now.</param>
    /// <param name="status">The text of its last presence; empty for none.</param>
    /// <param name="ct">Gives up before the write.</param>
    /// <returns>What is known now; null when there is no such account.</returns>
    public async ValueTask<LastSeen?> SetAsync(BareJid account, DateTimeOffset? moment, string status, CancellationToken ct)
    {
        if (server.Domains.For(account.Domain) is not { } chain || await chain.StoredExistsAsync(account, ct) is not Existence.Yes)
        {
            return null;
        }

        await store.OverwriteAsync(account, new LastSeen(moment ?? server.Time.GetUtcNow(), status), ct);
        return await store.FindAsync(account, ct);
    }

    /// <summary>How many accounts of a domain were last seen after a moment; null when the domain is not served here.</summary>
    public async ValueTask<long?> CountActiveAsync(string domain, DateTimeOffset since, CancellationToken ct) =>
        Address(domain) is { } address ? await store.CountAfterAsync(address.Domain, since, ct) : null;

    /// <summary>The registered accounts of a domain that have no session and were last seen before a moment or never, by name.</summary>
    /// <returns>The accounts; null when the domain is not served here.</returns>
    public async ValueTask<IReadOnlyList<OldAccount>?> ListOldAsync(string domain, DateTimeOffset before, CancellationToken ct)
    {
        if (Address(domain) is not { } address || server.Domains.For(address.Domain) is not { } chain)
        {
            return null;
        }

        var seen = await store.ListAsync(address.Domain, ct);
        var old = new List<OldAccount>();
        foreach (var account in await chain.ListAsync(address.Domain, AccountListing.All, ct))
        {
            DateTimeOffset? moment = seen.TryGetValue(account, out var known) ? known : null;
            if ((moment is null || moment < before) && (await server.Sessions.FindAsync(account, ct)).Count == 0)
            {
                old.Add(new OldAccount(account, moment));
            }
        }

        return [.. old.OrderBy(account => account.Account.Local, StringComparer.Ordinal)];
    }

    /// <summary>Removes the accounts that <see cref="ListOldAsync"/> lists, with all their data.</summary>
    /// <returns>Those that were removed; null when the domain is not served here.</returns>
    public async ValueTask<IReadOnlyList<OldAccount>?> RemoveOldAsync(string domain, DateTimeOffset before, CancellationToken ct)
    {
        if (await ListOldAsync(domain, before, ct) is not { } old || server.Domains.For(Address(domain)!.Domain) is not { } chain)
        {
            return null;
        }

        var removed = new List<OldAccount>();
        foreach (var account in old)
        {
            // It may have come meanwhile.
            if ((await server.Sessions.FindAsync(account.Account, ct)).Count == 0 && await chain.Accounts.RemoveAsync(account.Account, ct) is AccountResult.Ok)
            {
                removed.Add(account);
            }
        }

        return removed;
    }

    private BareJid? Address(string domain) => BareJid.TryCreate(null, domain, out var address) && server.Domains.TryFindAccounts(address.Domain, out _) ? address : null;
}
