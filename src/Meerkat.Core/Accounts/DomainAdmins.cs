using Meerkat.Core.Hosts;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>The administrators of domains: one a domain, called <c>admin@DOMAIN</c>, who has nothing to do with an account of that name (AUTH-168, GQA-DOMAIN-09, GQA-DOMAIN-10).</summary>
/// <remarks>Without a password there is none. Safe for concurrent use; one for a server, for it remembers which passwords were right.</remarks>
/// <param name="domains">What is served.</param>
/// <param name="store">What is kept.</param>
/// <param name="time">The clock.</param>
public sealed class DomainAdmins(DomainTable domains, IDomainAdminStore store, TimeProvider time)
{
    /// <summary>The localpart of every administrator of a domain.</summary>
    public const string Name = "admin";

    // The same work for a domain without an administrator: how long an answer takes tells nothing.
    private static readonly Lazy<ScramCredentials> s_decoy = new(() => ScramCredentials.Create("nobody", [ScramHash.Sha512], ScramCredentials.DefaultIterations));

    private readonly VerifiedPasswords _verified = new(time);

    /// <summary>Whether these are the credentials of the administrator of a domain that is served.</summary>
    /// <param name="who"><c>admin@DOMAIN</c>.</param>
    /// <param name="password">The password.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<bool> VerifyAsync(BareJid who, string password, CancellationToken ct)
    {
        if (who.Local != Name || !domains.TryFind(who.Domain, out _))
        {
            return false;
        }

        if (_verified.Contains(who, password))
        {
            return true;
        }

        var version = _verified.Version;
        var kept = await store.FindAsync(who.Domain, ct);
        var isRight = await PasswordWork.Process.RunAsync(() => (kept ?? s_decoy.Value).VerifyPassword(password), ct) && kept is not null;
        if (isRight)
        {
            _verified.Add(who, password, version);
        }

        return isRight;
    }

    /// <summary>Gives a domain its administrator, or that one another password.</summary>
    /// <param name="domain">A domain that is served, or the subdomain of a service.</param>
    /// <param name="password">The password; not empty.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns><see cref="AccountResult.Ok"/>, <see cref="AccountResult.DomainNotFound"/>, or <see cref="AccountResult.InvalidPassword"/> for one that resourceprep prohibits.</returns>
    public async ValueTask<AccountResult> SetPasswordAsync(string domain, string password, CancellationToken ct)
    {
        if (!domains.TryFind(domain, out var served))
        {
            return AccountResult.DomainNotFound;
        }

        var made = await PasswordWork.Process.RunAsync(() => ScramCredentials.TryCreate(password, [ScramHash.Sha512], ScramCredentials.DefaultIterations, out var credentials) ? credentials : null, ct);
        if (made is null)
        {
            return AccountResult.InvalidPassword;
        }

        await store.SetAsync(served.Jid.Domain, made, ct);
        Forget(served.Jid.Domain);
        return AccountResult.Ok;
    }

    /// <summary>Takes the administrator from a domain, whether it is served or not.</summary>
    /// <returns>False when there was none.</returns>
    public async ValueTask<bool> RemoveAsync(string domain, CancellationToken ct)
    {
        var was = await store.RemoveAsync(domain, ct);
        Forget(domain);
        return was;
    }

    private void Forget(string domain)
    {
        if (BareJid.TryCreate(Name, domain, out var who))
        {
            _verified.Drop(who);
        }
    }
}
