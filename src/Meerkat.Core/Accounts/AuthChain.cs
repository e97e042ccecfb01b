using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Accounts;

/// <summary>The authentication methods of one host type, asked in order (AUTH-006 to AUTH-017).</summary>
/// <remarks>
/// Safe for concurrent use. A method that fails is logged and counts as a no (AUTH-010, AUTH-051), so that one that is broken does not shut out the accounts of the others. A log-in that
/// nobody accepts then fails for now, and not for good: <see cref="AuthUndecidedException"/>.
/// A log-in goes through <see cref="StartLogin"/>, a change of an account through <see cref="Accounts"/>.
/// </remarks>
public sealed class AuthChain
{
    private readonly IReadOnlyList<IAuthMethod> _methods;
    private readonly ILogger _logger;
    private volatile bool _knowsRounds;
    private volatile Task? _learning;

    /// <summary>Puts a chain together.</summary>
    /// <param name="hostType">For the metrics.</param>
    /// <param name="methods">The methods, in order; none is valid, then nobody can log in (AUTH-002).</param>
    /// <param name="options">The section <c>auth</c> of the host type.</param>
    /// <param name="events">Told of accounts that come and go.</param>
    /// <param name="time">Measures.</param>
    /// <param name="logger">Told of methods that fail.</param>
    /// <param name="work">Where passwords are hashed; the process's one when null.</param>
    /// <param name="decoy">What is shown for accounts that do not exist; one with the configured rounds and a secret of its own when null.</param>
    public AuthChain(
        string hostType, IReadOnlyList<IAuthMethod> methods, AuthOptions options, IAccountEvents events, TimeProvider time, ILogger<AuthChain> logger, PasswordWork? work = null, ScramDecoy? decoy = null)
    {
        _methods = methods;
        _logger = logger;
        Name = hostType;
        Options = options;
        Events = events;
        Work = work ?? PasswordWork.Process;
        Decoy = decoy ?? new ScramDecoy(RandomNumberGenerator.GetBytes(32), options.Password.ScramIterations);
        Metrics = new AuthMetrics(hostType, time);
        Accounts = new AccountLifecycle(this);
        Verified = new VerifiedPasswords(time);
        Mechanisms = [.. options.SaslMechanisms.Select(name => name.RegisteredName())];
        ServerMetrics.Offers(Mechanisms);
        ExternalMapping = new ExternalMapping([.. options.SaslExternal.Select(mapping => mapping.Strategy(options.SaslExternalCommonName))]);
        Support = new SaslSupport
        {
            Plain = methods.Any(m => m.Support.Plain),
            ScramHashes = [.. methods.SelectMany(m => m.Support.ScramHashes).Distinct().Order()],
            Anonymous = methods.Any(m => m.Support.Anonymous),
            External = methods.Any(m => m.Support.External),
        };
        WarnOfYesSayers();
    }

    private string Name { get; }

    /// <summary>Which mechanisms some method can serve (AUTH-016); what a listener allows does not narrow it (AUTH-005).</summary>
    public SaslSupport Support { get; }

    /// <summary>The section <c>auth</c> that the chain was made from.</summary>
    public AuthOptions Options { get; }

    /// <summary>SASL names of what may be offered, in the order of the configuration (CORE-064).</summary>
    public IReadOnlyList<string> Mechanisms { get; }

    /// <summary>How EXTERNAL finds a user in a certificate (AUTH-089).</summary>
    public ExternalMapping ExternalMapping { get; }

    /// <summary>Registering, changing and removing accounts.</summary>
    public AccountLifecycle Accounts { get; }

    /// <summary>What is remembered of stored accounts; null when they are looked up each time. Set by a module before the host type serves anybody (AUTH-155).</summary>
    public IExistenceCache? ExistenceCache { get; set; }

    internal VerifiedPasswords Verified { get; }

    internal IAccountEvents Events { get; }

    internal PasswordWork Work { get; }

    // With the rounds of the configuration until DecoyAsync has looked.
    internal ScramDecoy Decoy { get; private set; }

    internal AuthMetrics Metrics { get; }

    internal IReadOnlyList<IAuthMethod> Methods => _methods;

    /// <summary>What one SASL exchange on a stream asks, and what it finds out.</summary>
    /// <param name="domain">The domain of the stream, prepared.</param>
    /// <param name="allowed">The listener's <c>allowed_auth_methods</c> (AUTH-005); null for all.</param>
    public AuthAttempt StartLogin(string domain, IReadOnlyCollection<AuthMethod>? allowed = null) =>
        new(this, domain, allowed is null ? _methods : [.. _methods.Where(m => allowed.Contains(m.Method))]);

    /// <summary>What a stream advertises (CORE-064, CORE-065).</summary>
    /// <param name="channelBinding">The channel bindings of its TLS connection; null without TLS.</param>
    /// <param name="hasVerifiedCertificate">Whether the client has a certificate that passed verification.</param>
    public SaslOffer Offer(IChannelBinding? channelBinding, bool hasVerifiedCertificate) => SaslOffer.For(Mechanisms, Support, channelBinding, hasVerifiedCertificate);

    /// <summary>Whether an account exists in any method, anonymous ones that are connected included (AUTH-010).</summary>
    public ValueTask<Existence> ExistsAsync(BareJid account, CancellationToken ct) => ExistsAsync(account, storedOnly: false, ct);

    /// <summary>Whether a stored account exists: the question for everything that keeps data (AUTH-011).</summary>
    public ValueTask<Existence> StoredExistsAsync(BareJid account, CancellationToken ct) =>
        ExistenceCache is not { } cache ? ExistsAsync(account, storedOnly: true, ct)
        : cache.Contains(account) ? new(Existence.Yes)
        : AskAndRememberAsync(cache, account, ct);

    /// <summary>Whether some method takes the password for the account's (AUTH-008). For administration; log-ins use an attempt.</summary>
    public async ValueTask<bool> CheckPasswordAsync(BareJid account, string password, CancellationToken ct)
    {
        var began = Metrics.Now;
        var method = await WhoAcceptsAsync(_methods, account, password, new AuthFaults(), ct);
        Metrics.CheckedPassword(began);
        return method is not null;
    }

    /// <summary>Checks the password that came with a request of HTTP: one that was found right a moment ago is not computed again, and a name that does not exist takes as long as a wrong password (AUTH-168, AUTH-169).</summary>
    /// <exception cref="AuthUndecidedException">Nobody accepts it, and not every method could be asked.</exception>
    public async ValueTask<bool> VerifyAsync(BareJid account, string password, CancellationToken ct)
    {
        if (!account.HasLocal)
        {
            return false;
        }

        if (Verified.Contains(account, password))
        {
            return true;
        }

        var version = Verified.Version;
        var attempt = StartLogin(account.Domain);
        if (!await attempt.CheckPasswordAsync(account.Local!, password, ct))
        {
            return false;
        }

        // Of what others check we do not know when it stops being right.
        if (attempt.Method is AuthMethod.Internal or AuthMethod.Rdbms)
        {
            Verified.Add(account, password, version);
        }

        return true;
    }

    /// <summary>What the first method that keeps something keeps of the password (AUTH-009); null when none does.</summary>
    public async ValueTask<AccountPassword?> FindPasswordAsync(BareJid account, CancellationToken ct) => (await FindPasswordAsync(_methods, account, new AuthFaults(), ct)).Password;

    /// <summary>The accounts of a domain: those of the first method, then those of the next (AUTH-015).</summary>
    public async ValueTask<IReadOnlyList<BareJid>> ListAsync(string domain, AccountListing listing, CancellationToken ct)
    {
        if (_methods is [var only])
        {
            return await only.ListAsync(domain, listing, ct);
        }

        // Each is asked for as much as could be needed of it: how many the ones before have with that prefix is not known.
        var upTo = listing with { Offset = 0, Limit = listing.Limit is { } limit ? limit + listing.Offset : null };
        var all = new List<BareJid>();
        foreach (var method in _methods)
        {
            all.AddRange(await method.ListAsync(domain, upTo, ct));
        }

        return [.. all.Skip(listing.Offset).Take(listing.Limit ?? int.MaxValue)];
    }

    /// <summary>A page of the accounts that existed at a moment (AUTH-053), over all methods: see <see cref="IAccountStore.ListCreatedAsync"/>.</summary>
    public async ValueTask<IReadOnlyList<Account>> ListCreatedAsync(string domain, DateTimeOffset until, Account? after, int limit, CancellationToken ct)
    {
        var all = new List<Account>();
        foreach (var method in _methods)
        {
            all.AddRange(await method.ListCreatedAsync(domain, until, after, limit, ct));
        }

        return _methods.Count == 1 ? all : [.. all.OrderBy(account => account.CreatedAt).ThenBy(account => account.Jid.Local, StringComparer.Ordinal).Take(limit)];
    }

    /// <summary>What is shown for accounts that do not exist, with the rounds that accounts have (AUTH-169).</summary>
    /// <remarks>Some accounts are looked at when this is first asked for. What cannot be read is logged, and the rounds of the configuration are shown until it can be.</remarks>
    public async ValueTask<ScramDecoy> DecoyAsync(CancellationToken ct)
    {
        if (!_knowsRounds)
        {
            var learning = _learning;
            if (learning is null or { IsCompleted: true })
            {
                _learning = learning = LearnRoundsAsync(); // for all who wait, and not for the first of them alone
            }

            await learning.WaitAsync(ct);
        }

        return Decoy;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Nobody is kept from logging in because of what strangers are shown.")]
    private async Task LearnRoundsAsync()
    {
        var rounds = new List<int>();
        var failed = false;
        foreach (var method in _methods)
        {
            try
            {
                rounds.AddRange((await method.SampleAsync(1000, CancellationToken.None)).Select(password => password.Scram?.Iterations ?? Decoy.Iterations));
            }
            catch (Exception failure)
            {
                failed = true;
                AuthLog.MethodFailed(_logger, method.Method, Name, failure);
            }
        }

        Decoy = Decoy.WithRounds(rounds);
        _knowsRounds = !failed;
    }

    /// <summary>How many accounts a domain has, over all methods (AUTH-015).</summary>
    public async ValueTask<long> CountAsync(string domain, CancellationToken ct)
    {
        var count = 0L;
        foreach (var method in _methods)
        {
            count += await method.CountAsync(domain, ct);
        }

        return count;
    }

    /// <summary>Forgets a domain that was removed, in every method that does that (AUTH-017).</summary>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        try
        {
            foreach (var method in _methods)
            {
                await method.RemoveDomainAsync(domain, ct);
            }
        }
        finally
        {
            Verified.DropAll();
        }
    }

    /// <summary>The first of <paramref name="methods"/> that takes the password, or null.</summary>
    internal async ValueTask<AuthMethod?> WhoAcceptsAsync(IReadOnlyList<IAuthMethod> methods, BareJid account, string password, AuthFaults faults, CancellationToken ct)
    {
        foreach (var method in methods)
        {
            if (await AskAsync(method, account, () => method.CheckPasswordAsync(account, password, ct), faults, ct) && await MayServeAsync(method, account, faults, ct))
            {
                return method.Method;
            }
        }

        return null;
    }

    /// <summary>The first of <paramref name="methods"/> that has something of the password, and what.</summary>
    internal async ValueTask<(IAuthMethod? Method, AccountPassword? Password)> FindPasswordAsync(IReadOnlyList<IAuthMethod> methods, BareJid account, AuthFaults faults, CancellationToken ct)
    {
        foreach (var method in methods)
        {
            if (await AskAsync(method, account, () => method.FindPasswordAsync(account, ct), faults, ct) is { } found && await MayServeAsync(method, account, faults, ct))
            {
                return (method, found);
            }
        }

        return (null, null);
    }

    /// <summary>Anonymous users may not take a name that a stored account has, or may have (AUTH-059).</summary>
    internal async ValueTask<bool> MayServeAsync(IAuthMethod method, BareJid account, AuthFaults faults, CancellationToken ct)
    {
        var taken = method.IsStored ? Existence.No : await StoredExistsAsync(account, ct);
        faults.Any |= taken is Existence.Unknown;
        return taken is Existence.No;
    }

    /// <summary>Asks a method; one that fails says no, and that is remembered.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "A method's failure must not shut out the accounts of the others (AUTH-010, AUTH-051).")]
    internal async ValueTask<T?> AskAsync<T>(IAuthMethod method, BareJid account, Func<ValueTask<T>> question, AuthFaults faults, CancellationToken ct)
    {
        try
        {
            return await question();
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            AuthLog.MethodFailed(_logger, method.Method, account.ToString(), e);
            faults.Any = true;
            return default;
        }
    }

    private async ValueTask<Existence> AskAndRememberAsync(IExistenceCache cache, BareJid account, CancellationToken ct)
    {
        var version = cache.Version;
        var answer = await ExistsAsync(account, storedOnly: true, ct);
        if (answer is Existence.Yes)
        {
            cache.Add(account, version);
        }

        return answer;
    }

    private async ValueTask<Existence> ExistsAsync(BareJid account, bool storedOnly, CancellationToken ct)
    {
        if (!account.HasLocal)
        {
            return Existence.No;
        }

        var began = Metrics.Now;
        var answer = Existence.No;
        foreach (var method in _methods)
        {
            if (storedOnly && !method.IsStored)
            {
                continue;
            }

            // Null is a failure: remembered, and forgotten when another method says yes.
            var exists = await AskAsync<bool?>(method, account, async () => await method.ExistsAsync(account, ct), new AuthFaults(), ct);
            if (exists is true)
            {
                answer = Existence.Yes;
                break;
            }

            answer = exists is null ? Existence.Unknown : answer;
        }

        Metrics.AskedExistence(began);
        return answer;
    }

    // AUTH-194, AUTH-195: what such methods do to the others is seldom meant.
    private void WarnOfYesSayers()
    {
        if (!_methods.Any(m => m.Method is AuthMethod.Internal or AuthMethod.Rdbms or AuthMethod.Http))
        {
            return;
        }

        foreach (var method in _methods.Select(m => m.Method).Where(m => m is AuthMethod.Dummy or AuthMethod.Jwt or AuthMethod.Pki))
        {
            AuthLog.EverybodyExists(_logger, method.ToString().ToLowerInvariant(), Name);
            if (method is AuthMethod.Dummy)
            {
                AuthLog.DummyBesideOthers(_logger, Name);
            }
        }
    }
}

/// <summary>Whether methods failed while they were asked about one log-in.</summary>
internal sealed class AuthFaults
{
    /// <summary>One or more did.</summary>
    public bool Any { get; set; }
}
