using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Meerkat.Core.Accounts;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Outgoing;

/// <summary>A web service knows the accounts (AUTH-074 to AUTH-088).</summary>
/// <remarks>Safe for concurrent use. A status outside the service's protocol is a failure, which the chain knows what to do about.</remarks>
/// <param name="options">Its options.</param>
/// <param name="pool">The service; whoever made it disposes it.</param>
/// <param name="password">How passwords are kept: with the format <c>plain</c> the service checks them, with <c>scram</c> this server does, by the keys that the service keeps.</param>
/// <param name="log">Told of passwords that make no sense.</param>
public sealed class HttpAuthMethod(HttpAuthOptions options, HttpPool pool, PasswordOptions password, ILogger log) : IAuthMethod
{
    private const string Yes = "true";

    private readonly string? _authorization = options.BasicAuth is { } own ? $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(own))}" : null;

    /// <inheritdoc/>
    public AuthMethod Method => AuthMethod.Http;

    /// <inheritdoc/>
    public SaslSupport Support { get; } = new() { Plain = true, ScramHashes = password.Offered(), External = true };

    /// <inheritdoc/>
    public async ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => await AskAsync("user_exists", account, "", ct) == Yes; // AUTH-078

    /// <inheritdoc/>
    public async ValueTask<AccountPassword?> FindPasswordAsync(BareJid account, CancellationToken ct)
    {
        if (await AskAsync("get_password", account, "", ct) is not { Length: > 0 } kept)
        {
            return null; // AUTH-077
        }

        if (password.Format is PasswordFormat.Plain)
        {
            return AccountPassword.FromPlain(kept);
        }

        if (AccountPassword.FromStored("", kept) is { } keys)
        {
            return keys;
        }

        HttpAuthLog.NoKeys(log, account.ToString()); // AUTH-085
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CheckPasswordAsync(BareJid account, string password, CancellationToken ct)
    {
        if (Format is PasswordFormat.Plain)
        {
            return await AskAsync("check_password", account, password, ct) == Yes; // AUTH-076
        }

        return await FindPasswordAsync(account, ct) is { } kept && await PasswordWork.Process.RunAsync(() => kept.Verify(password), ct);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> AuthoriseCertificateAsync(BareJid account, X509Certificate2 certificate, CancellationToken ct)
    {
        if (await AskAsync("get_certs", account, "", ct) is not { } bundle)
        {
            return false; // AUTH-082
        }

        var own = new X509Certificate2Collection();
        try
        {
            own.ImportFromPem(bundle);
            return own.Any(known => known.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span)); // AUTH-086
        }
        catch (CryptographicException)
        {
            HttpAuthLog.NoCertificates(log, account.ToString());
            return false;
        }
        finally
        {
            foreach (var known in own)
            {
                known.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<AccountResult> RegisterAsync(BareJid account, AccountPassword password, CancellationToken ct) => await TellAsync("register", account, Text(password), ct) switch
    {
        HttpStatusCode.Created => AccountResult.Ok,
        HttpStatusCode.Conflict => AccountResult.Exists,
        _ => AccountResult.NotAllowed,
    };

    /// <inheritdoc/>
    public async ValueTask<AccountResult> SetPasswordAsync(BareJid account, AccountPassword password, CancellationToken ct) => Outcome(await TellAsync("set_password", account, Text(password), ct));

    /// <inheritdoc/>
    public async ValueTask<AccountResult> RemoveAsync(BareJid account, CancellationToken ct) => Outcome(await TellAsync("remove_user", account, "", ct));

    private PasswordFormat Format => password.Format;

    private static AccountResult Outcome(HttpStatusCode status) => status is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent ? AccountResult.Ok : AccountResult.NotAllowed;

    private static string Text(AccountPassword password) => password.Plain ?? password.Scram!.Serialise();

    private static KeyValuePair<string, string>[] Fields(BareJid account, string password) => [new("user", account.Local!), new("server", account.Domain), new("pass", password)];

    // The body of a 200; null for what else the protocol knows.
    private async Task<string?> AskAsync(string what, BareJid account, string password, CancellationToken ct)
    {
        var query = string.Join('&', Fields(account, password).Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value)}"));
        var (status, body) = await pool.AskAsync(HttpMethod.Get, $"{what}?{query}", null, _authorization, ct);
        return Known(what, status) is HttpStatusCode.OK ? body : null;
    }

    private async Task<HttpStatusCode> TellAsync(string what, BareJid account, string password, CancellationToken ct) =>
        Known(what, (await pool.AskAsync(HttpMethod.Post, what, Fields(account, password), _authorization, ct)).Status);

    // AUTH-083
    private static HttpStatusCode Known(string what, HttpStatusCode status) => status is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent
        or HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Conflict
        ? status
        : throw new HttpRequestException($"the service answers {what} with {(int)status}");
}

internal static partial class HttpAuthLog
{
    [LoggerMessage(LogLevel.Error, "What the web service keeps as the password of {Account} is no SCRAM keys")]
    public static partial void NoKeys(ILogger logger, string account);

    [LoggerMessage(LogLevel.Error, "What the web service keeps as the certificates of {Account} is no PEM")]
    public static partial void NoCertificates(ILogger logger, string account);
}
