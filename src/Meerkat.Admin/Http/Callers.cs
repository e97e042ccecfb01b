using System.Net;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Connections.Http;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.Http;

/// <summary>Who a request is from.</summary>
internal static class Callers
{
    /// <summary>Whether a browser sends the request for a page of another site. Others than browsers say nothing about that.</summary>
    public static bool IsForeign(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
        || (request.Headers.Origin.ToString() is { Length: > 0 } origin && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The token of a request (RFC 6750 §2.1); null without one.</summary>
    public static string? Token(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : null;

    /// <summary>Whether a token is one of a handler's that has not expired. How long it takes tells nothing of the tokens.</summary>
    public static bool IsKnown(string token, IReadOnlyList<ApiTokenOptions> tokens, TimeProvider time, ILogger log)
    {
        var hash = Encoding.ASCII.GetBytes(ApiTokenOptions.Hash(token));
        ApiTokenOptions? found = null;
        foreach (var known in tokens)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(known.Sha256.ToLowerInvariant())) ? known : found;
        }

        if (found is null)
        {
            return false;
        }

        if (found.Expires <= time.GetUtcNow())
        {
            CallersLog.Expired(log, found.Name);
            return false;
        }

        CallersLog.ByToken(log, found.Name);
        return true;
    }

    /// <summary>Whether credentials are those of a handler's table. How long it takes tells nothing.</summary>
    public static bool Match(BasicCredentials credentials, string name, string password) => AreEqual(credentials.Name, name) & AreEqual(credentials.Password, password);

    /// <summary>The account whose credentials these are; a resource is ignored (GQU-AUTH-01). Null for nobody's.</summary>
    /// <exception cref="Core.Accounts.AuthUndecidedException">It cannot be checked now.</exception>
    public static async ValueTask<BareJid?> FindAccountAsync(ServerContext server, BasicCredentials credentials, CancellationToken ct) =>
        Jid.TryParse(credentials.Name, out var jid) && jid.Local is not null
        && server.Domains.For(jid.Domain) is { } chain && await chain.VerifyAsync(jid.Bare, credentials.Password, ct)
            ? jid.Bare
            : null;

    /// <summary>The domain whose administrator's credentials these are (AUTH-168); null for nobody's.</summary>
    public static async ValueTask<string?> FindDomainAsync(DomainAdmins admins, BasicCredentials credentials, CancellationToken ct) =>
        Jid.TryParse(credentials.Name, out var jid) && jid is BareJid who && await admins.VerifyAsync(who, credentials.Password, ct) ? who.Domain : null;

    /// <summary>Whether a request comes from this machine.</summary>
    public static bool IsLocal(HttpContext context) => context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote);

    private static bool AreEqual(string given, string own) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(own)));
}

internal static partial class CallersLog
{
    // Not the name: people type their password there.
    [LoggerMessage(LogLevel.Warning, "Wrong credentials for {Path} from {Remote}")]
    public static partial void Refused(ILogger logger, string path, IPAddress? remote);

    [LoggerMessage(LogLevel.Warning, "The token {Name} has expired")]
    public static partial void Expired(ILogger logger, string name);

    [LoggerMessage(LogLevel.Debug, "A request is by the token {Name}")]
    public static partial void ByToken(ILogger logger, string name);
}
