using System.Security.Cryptography.X509Certificates;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>One SASL exchange's view of a chain: its domain, the methods that its listener allows, and who let the user in.</summary>
public sealed class AuthAttempt : ISaslCredentials
{
    private readonly AuthChain _chain;
    private readonly string _domain;
    private readonly IReadOnlyList<IAuthMethod> _methods;

    internal AuthAttempt(AuthChain chain, string domain, IReadOnlyList<IAuthMethod> methods)
    {
        _chain = chain;
        _domain = domain;
        _methods = methods;
    }

    /// <summary>The method whose answer the exchange went by: with the exchange's success, the session's (AUTH-007). Null while none has answered.</summary>
    public AuthMethod? Method { get; private set; }

    /// <summary>Whose log-in it is, whether there is such an account or not; null while nobody was asked about a name that can stand in an address.</summary>
    public BareJid? Account { get; private set; }

    /// <inheritdoc/>
    public async ValueTask<ScramKeys?> FindScramAsync(string username, ScramHash hash, CancellationToken ct)
    {
        if (!BareJid.TryCreate(username, _domain, out var account))
        {
            return null;
        }

        Account = account;
        var began = _chain.Metrics.Now;
        IReadOnlyList<IAuthMethod> able = [.. _methods.Where(m => m.Support.ScramHashes.Contains(hash))];
        var faults = new AuthFaults();
        var (method, password) = await _chain.FindPasswordAsync(able, account, faults, ct);
        Method = method?.Method;
        var keys = password switch
        {
            null => null,
            { Scram: null } => await _chain.Work.RunAsync(() => password.Keys(hash, _chain.Decoy.Iterations, () => _chain.Decoy.Salt(_domain, username, hash)), ct),
            _ => password.Keys(hash, _chain.Decoy.Iterations, () => default),
        };
        _chain.Metrics.Authorized(began);
        RefuseUndecided(account, faults);
        return keys;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CheckPasswordAsync(string username, string password, CancellationToken ct)
    {
        if (!BareJid.TryCreate(username, _domain, out var account))
        {
            return false;
        }

        Account = account;
        var began = _chain.Metrics.Now;
        var faults = new AuthFaults();
        Method = await _chain.WhoAcceptsAsync([.. _methods.Where(m => m.Support.Plain)], account, password, faults, ct);
        if (Method is null)
        {
            await SpendAsMuchAsync(account, password, ct);
        }

        _chain.Metrics.Authorized(began);
        RefuseUndecided(account, faults);
        return Method is not null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> AuthoriseCertificateAsync(string username, X509Certificate2 certificate, CancellationToken ct)
    {
        if (!BareJid.TryCreate(username, _domain, out var account))
        {
            return false;
        }

        Account = account;
        var began = _chain.Metrics.Now;
        var faults = new AuthFaults();
        foreach (var method in _methods.Where(m => m.Support.External))
        {
            if (await _chain.AskAsync(method, account, () => method.AuthoriseCertificateAsync(account, certificate, ct), faults, ct))
            {
                Method = method.Method;
                break;
            }
        }

        _chain.Metrics.Authorized(began);
        RefuseUndecided(account, faults);
        return Method is not null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> AuthoriseAnonymousAsync(string username, CancellationToken ct)
    {
        if (!BareJid.TryCreate(username, _domain, out var account) || _methods.FirstOrDefault(m => m.Support.Anonymous) is not { } method)
        {
            return false;
        }

        Account = account;
        var began = _chain.Metrics.Now;
        var taken = await _chain.ExistsAsync(account, ct);
        Method = taken is Existence.No ? method.Method : null;
        _chain.Metrics.Authorized(began);
        RefuseUndecided(account, new AuthFaults { Any = taken is Existence.Unknown });
        return taken is Existence.No;
    }

    // Nobody lets the user in, and that may not be the last word.
    private void RefuseUndecided(BareJid account, AuthFaults faults)
    {
        if (Method is null && faults.Any)
        {
            throw new AuthUndecidedException(account.ToString());
        }
    }

    /// <summary>A name that does not exist takes as long to refuse as a wrong password (AUTH-169).</summary>
    private async ValueTask SpendAsMuchAsync(BareJid account, string password, CancellationToken ct)
    {
        if (_chain.Options.Password is { Format: PasswordFormat.Scram } options && await _chain.FindPasswordAsync(_methods, account, new AuthFaults(), ct) is (null, _))
        {
            var hash = options.ScramHashes()[0];
            var decoy = await _chain.DecoyAsync(ct);
            await _chain.Work.RunAsync(() => decoy.Keys(_domain, account.Local!, hash).Verify(password), ct);
        }
    }
}
