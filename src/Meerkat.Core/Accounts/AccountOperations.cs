using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Core.Accounts;

/// <summary>What an administrator may do to accounts (AUTH-145 to AUTH-153): the operations behind the command line and the interfaces for administration.</summary>
/// <remarks>Safe for concurrent use. Names and domains are as typed; they are prepared here (AUTH-018).</remarks>
public sealed class AccountOperations(IAuthChains chains, TimeProvider time)
{
    private const int ImportWorkers = 10;

    /// <summary>Registers an account (AUTH-145).</summary>
    /// <param name="username">The localpart; null for one that is made up.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="password">The password.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>As <see cref="AccountLifecycle.RegisterAsync"/>, or <see cref="AccountResult.DomainNotFound"/>; and the account's address unless it is invalid.</returns>
    public async ValueTask<(AccountResult Result, BareJid? Account)> RegisterAsync(string? username, string domain, string password, CancellationToken ct) =>
        !BareJid.TryCreate(username ?? MadeUpName(), domain, out var account) ? (AccountResult.InvalidJid, null)
        : chains.For(account.Domain) is not { } chain ? (AccountResult.DomainNotFound, account)
        : (await chain.Accounts.RegisterAsync(account, password, ct), account);

    /// <summary>Removes an account, its data and its sessions (AUTH-146).</summary>
    /// <returns><see cref="AccountResult.Ok"/>, <see cref="AccountResult.InvalidJid"/> or <see cref="AccountResult.NotAllowed"/> (also when there is no such account).</returns>
    public async ValueTask<AccountResult> RemoveAsync(string jid, CancellationToken ct) =>
        !TryAccount(jid, out var account) ? AccountResult.InvalidJid
        : chains.For(account.Domain) is not { } chain ? AccountResult.NotAllowed
        : await chain.Accounts.RemoveAsync(account, ct);

    /// <summary>Shuts an account out: its password becomes one that nobody knows, and its sessions end with the reason (AUTH-147).</summary>
    /// <returns><see cref="AccountResult.Ok"/>, <see cref="AccountResult.UserDoesNotExist"/> or <see cref="AccountResult.NotAllowed"/> when no method changes passwords.</returns>
    public async ValueTask<AccountResult> BanAsync(string jid, string reason, CancellationToken ct)
    {
        if (!TryAccount(jid, out var account) || chains.For(account.Domain) is not { } chain || await chain.ExistsAsync(account, ct) is not Existence.Yes)
        {
            return AccountResult.UserDoesNotExist;
        }

        // The password first: the other way round, a client that reconnects at once would be in again.
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var password = $"BANNED_ACCOUNT--{now}--{RandomNumberGenerator.GetHexString(32, lowercase: true)}--{Printable(reason)}";
        var result = await chain.Accounts.SetPasswordAsync(account, password, ct);
        await chain.Events.EndSessionsAsync(account, reason, CancellationToken.None);
        return result;
    }

    /// <summary>Sets a password (AUTH-148).</summary>
    /// <returns><see cref="AccountResult.Ok"/>, <see cref="AccountResult.EmptyPassword"/>, <see cref="AccountResult.InvalidPassword"/>, <see cref="AccountResult.InvalidJid"/> or <see cref="AccountResult.NotAllowed"/> (also when there is no such account).</returns>
    public async ValueTask<AccountResult> ChangePasswordAsync(string jid, string password, CancellationToken ct) =>
        !TryAccount(jid, out var account) ? AccountResult.InvalidJid
        : password.Length == 0 ? AccountResult.EmptyPassword
        : chains.For(account.Domain) is not { } chain ? AccountResult.NotAllowed
        : await chain.Accounts.SetPasswordAsync(account, password, ct);

    /// <summary>Checks a password (AUTH-149).</summary>
    /// <returns><see cref="AccountResult.Ok"/>, <see cref="AccountResult.Incorrect"/> or <see cref="AccountResult.UserDoesNotExist"/>.</returns>
    public async ValueTask<AccountResult> CheckPasswordAsync(string jid, string password, CancellationToken ct) =>
        !TryAccount(jid, out var account) || chains.For(account.Domain) is not { } chain || await chain.ExistsAsync(account, ct) is not Existence.Yes ? AccountResult.UserDoesNotExist
        : await chain.CheckPasswordAsync(account, password, ct) ? AccountResult.Ok
        : AccountResult.Incorrect;

    /// <summary>Compares a hash with that of the password that is kept, where the password itself is kept (AUTH-150).</summary>
    /// <param name="jid">The account.</param>
    /// <param name="hash">In hexadecimal digits of either case; also as the reference wants it, each byte without a leading zero.</param>
    /// <param name="method"><c>md5</c> or <c>sha</c>.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns><see cref="AccountResult.Ok"/>, <see cref="AccountResult.Incorrect"/>, <see cref="AccountResult.WrongUser"/> or <see cref="AccountResult.WrongMethod"/>.</returns>
    [SuppressMessage("Security", "CA5350", Justification = "Comparing with an old system's hashes is what the operation is for.")]
    [SuppressMessage("Security", "CA5351", Justification = "Comparing with an old system's hashes is what the operation is for.")]
    public async ValueTask<AccountResult> CheckPasswordHashAsync(string jid, string hash, string method, CancellationToken ct)
    {
        if (!TryAccount(jid, out var account) || chains.For(account.Domain) is not { } chain || await chain.FindPasswordAsync(account, ct) is not { Plain: { Length: > 0 } plain })
        {
            return AccountResult.WrongUser;
        }

        var bytes = Encoding.UTF8.GetBytes(plain);
        var own = method switch
        {
            "md5" => MD5.HashData(bytes),
            "sha" => SHA1.HashData(bytes),
            _ => null,
        };
        if (own is null)
        {
            return AccountResult.WrongMethod;
        }

        var given = Encoding.UTF8.GetBytes(hash.ToLowerInvariant());
        var isEqual = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(own)), given)
            | CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(string.Concat(own.Select(octet => octet.ToString("x", CultureInfo.InvariantCulture)))), given);
        return isEqual ? AccountResult.Ok : AccountResult.Incorrect;
    }

    /// <summary>Whether an account exists (AUTH-151).</summary>
    /// <returns><see cref="AccountResult.Ok"/> or <see cref="AccountResult.UserDoesNotExist"/>.</returns>
    public async ValueTask<AccountResult> CheckUserAsync(string jid, CancellationToken ct) =>
        TryAccount(jid, out var account) && chains.For(account.Domain) is { } chain && await chain.ExistsAsync(account, ct) is Existence.Yes
            ? AccountResult.Ok
            : AccountResult.UserDoesNotExist;

    /// <returns>The accounts of a domain (AUTH-153); null when the domain is not served here.</returns>
    public async ValueTask<IReadOnlyList<BareJid>?> ListAsync(string domain, AccountListing listing, CancellationToken ct) =>
        BareJid.TryCreate(null, domain, out var jid) && chains.For(jid.Domain) is { } chain ? await chain.ListAsync(jid.Domain, listing, ct) : null;

    /// <returns>How many accounts a domain has (AUTH-153); null when the domain is not served here.</returns>
    public async ValueTask<long?> CountAsync(string domain, CancellationToken ct) =>
        BareJid.TryCreate(null, domain, out var jid) && chains.For(jid.Domain) is { } chain ? await chain.CountAsync(jid.Domain, ct) : null;

    /// <summary>Registers the accounts of a file, several at a time (AUTH-152).</summary>
    /// <param name="path">A file on the server: <c>user,domain,password</c> in each line, without a heading (RFC 4180).</param>
    /// <param name="ct">Gives up; what was made stays.</param>
    /// <returns>What became of each record; null when the file cannot be found.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public async Task<AccountImportResult?> ImportAsync(string path, CancellationToken ct)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var outcomes = new ConcurrentDictionary<int, (AccountResult? Result, string Shown)>();
        var count = 0;
        using var file = new StreamReader(path, Encoding.UTF8);
        await Parallel.ForEachAsync(
            AccountRecord.ReadAsync(file, ct).Select(record => (Number: count++, Record: record)),
            new ParallelOptions { MaxDegreeOfParallelism = ImportWorkers, CancellationToken = ct },
            async (item, ct) => outcomes[item.Number] = await ImportAsync(item.Record, ct));
        string[] Those(Func<AccountResult?, bool> fit) => [.. outcomes.Where(pair => fit(pair.Value.Result)).OrderBy(pair => pair.Key).Select(pair => pair.Value.Shown)];
        return new AccountImportResult
        {
            Created = Those(result => result is AccountResult.Ok),
            Existing = Those(result => result is AccountResult.Exists),
            InvalidJid = Those(result => result is AccountResult.InvalidJid),
            EmptyPassword = Those(result => result is AccountResult.EmptyPassword),
            InvalidRecord = Those(result => result is null),
            NotAllowed = Those(result => result is not (null or AccountResult.Ok or AccountResult.Exists or AccountResult.InvalidJid or AccountResult.EmptyPassword)),
        };
    }

    private async ValueTask<(AccountResult? Result, string Shown)> ImportAsync(AccountRecord record, CancellationToken ct)
    {
        if (record.Fields is not [var username, var domain, var password])
        {
            return (null, record.Text);
        }

        var (result, account) = await RegisterAsync(username, domain, password, ct);
        return (result, result is AccountResult.InvalidJid ? record.Text : account!.ToString());
    }

    /// <summary>Grows with time and cannot be guessed.</summary>
    private string MadeUpName() => $"{time.GetUtcNow().ToUnixTimeMilliseconds():x}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";

    /// <summary>The reason becomes part of a password, where resourceprep would refuse controls and much else.</summary>
    private static string Printable(string reason) => string.Concat(reason.Take(200).Select(c => c is >= ' ' and <= '~' ? c : '?'));

    private static bool TryAccount(string jid, [NotNullWhen(true)] out BareJid? account)
    {
        account = Jid.TryParse(jid, out var parsed) && parsed is BareJid { HasLocal: true } bare ? bare : null;
        return account is not null;
    }
}
