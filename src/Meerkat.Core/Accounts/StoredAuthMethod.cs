using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>Accounts in a store of ours: the method <c>internal</c> on the embedded database, and <c>rdbms</c> on the configured pool (AUTH-044 to AUTH-055).</summary>
public sealed class StoredAuthMethod(AuthMethod method, IAccountStore store, PasswordOptions options, PasswordWork? work = null) : IAuthMethod
{
    private readonly PasswordWork _work = work ?? PasswordWork.Process;

    /// <inheritdoc/>
    public AuthMethod Method => method;

    /// <inheritdoc/>
    public SaslSupport Support { get; } = new() { Plain = true, ScramHashes = options.Offered() };

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => store.ExistsAsync(account, ct);

    /// <inheritdoc/>
    public ValueTask<AccountPassword?> FindPasswordAsync(BareJid account, CancellationToken ct) => store.FindPasswordAsync(account, ct);

    /// <inheritdoc/>
    public async ValueTask<bool> CheckPasswordAsync(BareJid account, string password, CancellationToken ct) =>
        await store.FindPasswordAsync(account, ct) is { } kept
        && (kept.Scram is null ? kept.Verify(password) : await _work.RunAsync(() => kept.Verify(password), ct));

    /// <inheritdoc/>
    public async ValueTask<AccountResult> RegisterAsync(BareJid account, AccountPassword password, CancellationToken ct) =>
        await store.CreateAsync(account, password, ct) ? AccountResult.Ok : AccountResult.Exists;

    /// <inheritdoc/>
    public async ValueTask<AccountResult> SetPasswordAsync(BareJid account, AccountPassword password, CancellationToken ct) =>
        await store.SetPasswordAsync(account, password, ct) ? AccountResult.Ok : AccountResult.NotAllowed;

    /// <inheritdoc/>
    public async ValueTask<AccountResult> RemoveAsync(BareJid account, CancellationToken ct) =>
        await store.RemoveAsync(account, ct) ? AccountResult.Ok : AccountResult.NotAllowed;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BareJid>> ListAsync(string domain, AccountListing listing, CancellationToken ct) =>
        [.. (await store.ListAsync(domain, listing, ct)).Select(a => a.Jid)];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Account>> ListCreatedAsync(string domain, DateTimeOffset until, Account? after, int limit, CancellationToken ct) =>
        store.ListCreatedAsync(domain, until, after, limit, ct);

    /// <inheritdoc/>
    public ValueTask<bool> TryReplacePlainAsync(BareJid account, string plain, AccountPassword password, CancellationToken ct) => store.TryReplacePlainAsync(account, plain, password, ct);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AccountPassword>> SampleAsync(int limit, CancellationToken ct) => store.SampleAsync(limit, ct);

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(string domain, CancellationToken ct) => store.CountAsync(domain, ct);

    /// <summary><c>internal</c> keeps its accounts when a dynamic domain goes (AUTH-046), <c>rdbms</c> does not (AUTH-055).</summary>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) =>
        method is AuthMethod.Internal ? default : store.RemoveDomainAsync(domain, ct);
}
