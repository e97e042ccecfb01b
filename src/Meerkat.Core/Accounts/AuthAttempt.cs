using System.Security.Cryptography.X509Certificates;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>One SASL exchange's view of a chain: its domain, the methods that its listener allows, and who let the user in.</summary>
internal sealed class AuthAttempt : LoginAttempt
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

    /// <inheritdoc/>
    public override ScramDecoy Decoy => _chain.Decoy;

    /// <inheritdoc/>
    public override async ValueTask<ScramKeys?> FindScramAsync(string username, ScramHash hash, CancellationToken ct)
    {
        if (!BareJid.TryCreate(username, _domain, out var account))
        {
            return null;
        }

        var began = _chain.Metrics.Now;
        IReadOnlyList<IAuthMethod> able = [.. _methods.Where(m => m.Support.ScramHashes.Contains(hash))];
        var (method, password) = await _chain.FindPasswordAsync(able, account, ct);
        Method = Name(method?.Method);
        var keys = password switch
        {
            null => null,
            { Scram: null } => await _chain.Work.RunAsync(() => password.Keys(hash, _chain.Decoy.Iterations, () => _chain.Decoy.Salt(_domain, username, hash)), ct),
            _ => password.Keys(hash, _chain.Decoy.Iterations, () => default),
        };
        _chain.Metrics.Authorized(began);
        return keys;
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> CheckPasswordAsync(string username, string password, CancellationToken ct)
    {
        if (!BareJid.TryCreate(username, _domain, out var account))
        {
            return false;
        }

        var began = _chain.Metrics.Now;
        var accepted = await _chain.WhoAcceptsAsync([.. _methods.Where(m => m.Support.Plain)], account, password, ct);
        Method = Name(accepted);
        if (accepted is null)
        {
            await SpendAsMuchAsync(account, password, ct);
        }

        _chain.Metrics.Authorized(began);
        return accepted is not null;
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> AuthoriseCertificateAsync(string username, X509Certificate2 certificate, CancellationToken ct)
    {
        if (!BareJid.TryCreate(username, _domain, out var account))
        {
            return false;
        }

        var began = _chain.Metrics.Now;
        AuthMethod? accepted = null;
        foreach (var method in _methods.Where(m => m.Support.External))
        {
            if (await _chain.AskAsync(method, account, () => method.AuthoriseCertificateAsync(account, certificate, ct), ct))
            {
                accepted = method.Method;
                break;
            }
        }

        Method = Name(accepted);
        _chain.Metrics.Authorized(began);
        return accepted is not null;
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> AuthoriseAnonymousAsync(string username, CancellationToken ct)
    {
        if (!BareJid.TryCreate(username, _domain, out var account) || _methods.FirstOrDefault(m => m.Support.Anonymous) is not { } method)
        {
            return false;
        }

        var began = _chain.Metrics.Now;
        var free = await _chain.ExistsAsync(account, ct) is Existence.No;
        Method = Name(free ? method.Method : null);
        _chain.Metrics.Authorized(began);
        return free;
    }

    private static string Name(AuthMethod? method) => method is { } known ? AuthChain.NameOf(known) : "";

    /// <summary>A name that does not exist takes as long to refuse as a wrong password (AUTH-169).</summary>
    private async ValueTask SpendAsMuchAsync(BareJid account, string password, CancellationToken ct)
    {
        if (_chain.Options.Password is { Format: PasswordFormat.Scram } options && await _chain.FindPasswordAsync(_methods, account, ct) is (null, _))
        {
            var hash = options.ScramHashes()[0];
            await _chain.Work.RunAsync(() => _chain.Decoy.Keys(_domain, account.Local!, hash).Verify(password), ct);
        }
    }
}
