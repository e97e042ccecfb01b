using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Xmpp;

namespace Meerkat.Core.Accounts;

/// <summary>How accounts of one host type begin, change and end (AUTH-012 to AUTH-014, AUTH-018, AUTH-019, AUTH-061, AUTH-124).</summary>
/// <remarks>Safe for concurrent use. A store that is busy or broken is an exception here: nobody is told that something happened which did not.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody asks for holds nothing to dispose of.")]
public sealed class AccountLifecycle
{
    private const int PlainBatch = 1000;

    private readonly AuthChain _chain;
    private readonly ConcurrentDictionary<BareJid, bool> _leaving = new();
    private readonly SemaphoreSlim _counting = new(1, 1); // counting and creating are one step, where there is a limit

    internal AccountLifecycle(AuthChain chain) => _chain = chain;

    /// <summary>Registers an account with the first method that accepts it (AUTH-013).</summary>
    /// <returns>
    /// <see cref="AccountResult.Ok"/>, <see cref="AccountResult.Exists"/>, <see cref="AccountResult.InvalidJid"/>, <see cref="AccountResult.EmptyPassword"/>,
    /// <see cref="AccountResult.InvalidPassword"/>, <see cref="AccountResult.LimitPerDomainExceeded"/> or <see cref="AccountResult.NotAllowed"/>.
    /// </returns>
    public async ValueTask<AccountResult> RegisterAsync(BareJid account, string password, CancellationToken ct)
    {
        var began = _chain.Metrics.Now;
        var result = await TryRegisterAsync(account, password, ct);
        _chain.Metrics.TriedToRegister(began);
        if (result is AccountResult.Ok)
        {
            _chain.Metrics.Registered();
            await _chain.Events.RegisteredAsync(account, CancellationToken.None);
        }

        return result;
    }

    /// <summary>Makes an account of which another server gave away what it kept of the password (XEP-0227 §4.1): SCRAM keys, so that nobody has to choose a new one.</summary>
    /// <returns>
    /// <see cref="AccountResult.Ok"/>, <see cref="AccountResult.Exists"/>, <see cref="AccountResult.InvalidJid"/>, <see cref="AccountResult.LimitPerDomainExceeded"/> or <see cref="AccountResult.NotAllowed"/>.
    /// </returns>
    public async ValueTask<AccountResult> ImportAsync(BareJid account, AccountPassword kept, CancellationToken ct)
    {
        if (!account.HasLocal)
        {
            return AccountResult.InvalidJid;
        }

        var existence = await _chain.ExistsAsync(account, ct);
        if (existence is not Existence.No || _leaving.ContainsKey(account))
        {
            return existence is Existence.Unknown ? AccountResult.NotAllowed : AccountResult.Exists;
        }

        if (await IsFullAsync(account.Domain, ct))
        {
            return AccountResult.LimitPerDomainExceeded;
        }

        var result = await CreateAsync(account, kept, ct);
        if (result is AccountResult.Ok)
        {
            _chain.Metrics.Registered();
            await _chain.Events.RegisteredAsync(account, CancellationToken.None);
        }

        return result;
    }

    /// <summary>Sets a new password (AUTH-012). Sessions stay.</summary>
    /// <returns><see cref="AccountResult.Ok"/>, <see cref="AccountResult.EmptyPassword"/>, <see cref="AccountResult.InvalidPassword"/> or <see cref="AccountResult.NotAllowed"/> (also when there is no such account).</returns>
    public async ValueTask<AccountResult> SetPasswordAsync(BareJid account, string password, CancellationToken ct)
    {
        if (password.Length == 0)
        {
            return AccountResult.EmptyPassword;
        }

        if (await _chain.ExistsAsync(account, ct) is not Existence.Yes)
        {
            return AccountResult.NotAllowed;
        }

        if (await MakeAsync(password, ct) is not { } made)
        {
            return AccountResult.InvalidPassword;
        }

        var result = AccountResult.NotAllowed;
        try
        {
            foreach (var method in _chain.Methods)
            {
                result = await method.SetPasswordAsync(account, made, ct);
                if (result is AccountResult.Ok)
                {
                    break;
                }
            }
        }
        finally
        {
            _chain.Verified.Drop(account); // it may be written although the store fails or nobody waits any more
        }

        return result;
    }

    /// <summary>Makes SCRAM keys of the plain passwords of a domain's accounts, where <c>password.format</c> is <c>scram</c> (AUTH-038). Who changes a password meanwhile keeps the new one.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="ct">Stops between two accounts; what was done stays.</param>
    /// <returns>How many were changed; null when the format is <c>plain</c>.</returns>
    public async Task<long?> HashPlainPasswordsAsync(string domain, CancellationToken ct)
    {
        if (_chain.Options.Password.Format is PasswordFormat.Plain)
        {
            return null;
        }

        var changed = 0L;
        foreach (var method in _chain.Methods.Where(method => method.IsStored))
        {
            Account? last = null;
            while (await method.ListCreatedAsync(domain, DateTimeOffset.MaxValue, last, PlainBatch, ct) is { Count: > 0 } page)
            {
                foreach (var account in page)
                {
                    ct.ThrowIfCancellationRequested();
                    if (await method.FindPasswordAsync(account.Jid, ct) is { Plain: { } plain } && await MakeAsync(plain, ct) is { } made && await method.TryReplacePlainAsync(account.Jid, plain, made, ct))
                    {
                        changed++;
                    }
                }

                last = page[^1];
            }
        }

        return changed;
    }

    /// <summary>Removes an account from every method (AUTH-014), then has its data deleted and its sessions ended (AUTH-019). Until that has happened the name cannot be registered again.</summary>
    /// <returns><see cref="AccountResult.Ok"/>, or <see cref="AccountResult.NotAllowed"/> when there is no such account or no method removes it.</returns>
    public async ValueTask<AccountResult> RemoveAsync(BareJid account, CancellationToken ct)
    {
        if (await _chain.ExistsAsync(account, ct) is not Existence.Yes || !_leaving.TryAdd(account, true))
        {
            return AccountResult.NotAllowed;
        }

        try
        {
            var removed = false;
            try
            {
                foreach (var method in _chain.Methods)
                {
                    removed |= await _chain.AskAsync<AccountResult?>(method, account, async () => await method.RemoveAsync(account, ct), new AuthFaults(), ct) is AccountResult.Ok;
                }
            }
            finally
            {
                _chain.Verified.Drop(account);
            }

            if (!removed)
            {
                return AccountResult.NotAllowed;
            }

            _chain.Metrics.Removed();
            await _chain.Events.RemovedAsync(account, CancellationToken.None);
            return AccountResult.Ok;
        }
        finally
        {
            _leaving.TryRemove(account, out _);
        }
    }

    /// <summary>A session that the method <c>anonymous</c> let in is being bound: its account exists from now on (AUTH-061).</summary>
    /// <returns>False when somebody else has the name and only one may (AUTH-059): two may have logged in at once.</returns>
    public async ValueTask<bool> AnonymousOpenedAsync(BareJid account, CancellationToken ct)
    {
        if (Anonymous is not { } method)
        {
            return true;
        }

        if (!method.TryOpen(account, out var isFirst))
        {
            return false;
        }

        if (isFirst)
        {
            _chain.Metrics.AnonymousCame();
            await _chain.Events.RegisteredAsync(account, ct);
        }

        return true;
    }

    /// <summary>Such a session ended; with the last one the account and its data go. To be called once for each call of <see cref="AnonymousOpenedAsync"/>.</summary>
    public async ValueTask AnonymousClosedAsync(BareJid account, CancellationToken ct)
    {
        if (Anonymous is { } method && method.Closed(account))
        {
            _chain.Metrics.AnonymousWent();
            await _chain.Events.AnonymousLeftAsync(account, ct);
        }
    }

    private AnonymousAuthMethod? Anonymous => _chain.Methods.OfType<AnonymousAuthMethod>().FirstOrDefault();

    private async ValueTask<AccountResult> TryRegisterAsync(BareJid account, string password, CancellationToken ct)
    {
        if (!account.HasLocal)
        {
            return AccountResult.InvalidJid;
        }

        if (password.Length == 0)
        {
            return AccountResult.EmptyPassword;
        }

        var existence = await _chain.ExistsAsync(account, ct);
        if (existence is not Existence.No || _leaving.ContainsKey(account))
        {
            return existence is Existence.Unknown ? AccountResult.NotAllowed : AccountResult.Exists; // who cannot be sure does not give a name away
        }

        if (await IsFullAsync(account.Domain, ct))
        {
            return AccountResult.LimitPerDomainExceeded;
        }

        if (await MakeAsync(password, ct) is not { } made)
        {
            return AccountResult.InvalidPassword;
        }

        if (_chain.Options.MaxUsersPerDomain is null)
        {
            return await CreateAsync(account, made, ct);
        }

        await _counting.WaitAsync(ct);
        try
        {
            return await IsFullAsync(account.Domain, ct) ? AccountResult.LimitPerDomainExceeded : await CreateAsync(account, made, ct);
        }
        finally
        {
            _counting.Release();
        }
    }

    private async ValueTask<bool> IsFullAsync(string domain, CancellationToken ct) =>
        _chain.Options.MaxUsersPerDomain is { } limit && await _chain.CountAsync(domain, ct) >= limit;

    private async ValueTask<AccountResult> CreateAsync(BareJid account, AccountPassword password, CancellationToken ct)
    {
        foreach (var method in _chain.Methods)
        {
            var result = await method.RegisterAsync(account, password, ct);
            if (result is not AccountResult.NotAllowed)
            {
                return result;
            }
        }

        return AccountResult.NotAllowed;
    }

    private Task<AccountPassword?> MakeAsync(string password, CancellationToken ct) =>
        _chain.Work.RunAsync(() => AccountPassword.TryCreate(password, _chain.Options.Password, out var made) ? made : null, ct);
}
