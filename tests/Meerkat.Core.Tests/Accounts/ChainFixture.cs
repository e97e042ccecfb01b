using Meerkat.Core.Accounts;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Meerkat.Core.Tests.Accounts;

/// <summary>A chain over given methods, and what it tells its host.</summary>
internal sealed class ChainFixture : IAccountEvents, IAuthChains
{
    public const string Domain = "one.example";
    public static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    public static readonly BareJid Bob = BareJid.Parse("bob@one.example");

    public ChainFixture(AuthOptions options, params IAuthMethod[] methods) =>
        Chain = new AuthChain("test", methods, options, this, TimeProvider.System, NullLogger<AuthChain>.Instance);

    public AuthChain Chain { get; }

    public List<string> Told { get; } = [];

    /// <summary>Runs while a removal is told.</summary>
    public Func<BareJid, Task> WhenRemoved { get; set; } = _ => Task.CompletedTask;

    public static AuthOptions Plain { get; } = new() { Password = new PasswordOptions { Format = PasswordFormat.Plain } };

    /// <summary>Few rounds: the tests are not about them.</summary>
    public static AuthOptions Scram { get; } = new() { Password = new PasswordOptions { Hash = [PasswordHash.Sha, PasswordHash.Sha256], ScramIterations = 8 } };

    public static StoredAuthMethod Internal(IAccountStore store, AuthOptions? options = null) => new(AuthMethod.Internal, store, (options ?? Plain).Password);

    public static StoredAuthMethod Rdbms(IAccountStore store, AuthOptions? options = null) => new(AuthMethod.Rdbms, store, (options ?? Plain).Password);

    public AuthChain? For(string domain) => domain == Domain ? Chain : null;

    public ValueTask RegisteredAsync(BareJid account, CancellationToken ct) => Tell($"registered {account}");

    public async ValueTask RemovedAsync(BareJid account, CancellationToken ct)
    {
        Told.Add($"removed {account}");
        await WhenRemoved(account);
    }

    public ValueTask AnonymousLeftAsync(BareJid account, CancellationToken ct) => Tell($"left {account}");

    public ValueTask EndSessionsAsync(BareJid account, string reason, CancellationToken ct) => Tell($"ended {account}: {reason}");

    private ValueTask Tell(string what)
    {
        Told.Add(what);
        return default;
    }
}

/// <summary>A method whose database is away.</summary>
internal sealed class BrokenMethod : IAuthMethod
{
    public AuthMethod Method => AuthMethod.Rdbms;

    public Xmpp.Sasl.SaslSupport Support { get; } = new() { Plain = true, ScramHashes = Xmpp.Sasl.ScramCredentials.AllHashes };

    public ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => throw new IOException("away");

    public ValueTask<AccountPassword?> FindPasswordAsync(BareJid account, CancellationToken ct) => throw new IOException("away");

    public ValueTask<bool> CheckPasswordAsync(BareJid account, string password, CancellationToken ct) => throw new IOException("away");

    public ValueTask<IReadOnlyList<AccountPassword>> SampleAsync(int limit, CancellationToken ct) => throw new IOException("away");
}

/// <summary>A store that does what it is told, and then may fail.</summary>
internal sealed class FaultyStore(MemoryAccountStore inner) : IAccountStore
{
    public bool Fails { get; set; }

    public ValueTask<AccountPassword?> FindPasswordAsync(BareJid account, CancellationToken ct) => inner.FindPasswordAsync(account, ct);

    public ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => inner.ExistsAsync(account, ct);

    public ValueTask<bool> CreateAsync(BareJid account, AccountPassword password, CancellationToken ct) => inner.CreateAsync(account, password, ct);

    public async ValueTask<bool> SetPasswordAsync(BareJid account, AccountPassword password, CancellationToken ct) => After(await inner.SetPasswordAsync(account, password, ct));

    public async ValueTask<bool> RemoveAsync(BareJid account, CancellationToken ct) => After(await inner.RemoveAsync(account, ct));

    public ValueTask<IReadOnlyList<Account>> ListAsync(string domain, AccountListing listing, CancellationToken ct) => inner.ListAsync(domain, listing, ct);

    public ValueTask<IReadOnlyList<Account>> ListCreatedAsync(string domain, DateTimeOffset until, Account? after, int limit, CancellationToken ct) => inner.ListCreatedAsync(domain, until, after, limit, ct);

    public ValueTask<bool> TryReplacePlainAsync(BareJid account, string plain, AccountPassword password, CancellationToken ct) => inner.TryReplacePlainAsync(account, plain, password, ct);

    public ValueTask<IReadOnlyList<AccountPassword>> SampleAsync(int limit, CancellationToken ct) => inner.SampleAsync(limit, ct);

    public ValueTask<long> CountAsync(string domain, CancellationToken ct) => inner.CountAsync(domain, ct);

    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => inner.RemoveAccountAsync(account, ct);

    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => inner.RemoveDomainAsync(domain, ct);

    public IAsyncEnumerable<Meerkat.Core.Storage.PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => inner.ExportAsync(account, ct);

    private bool After(bool done) => Fails ? throw new IOException("away") : done;
}
