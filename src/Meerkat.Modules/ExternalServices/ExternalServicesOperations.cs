using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Modules.ExternalServices;

/// <summary>What an administrator may ask of external services: the list, as a client gets it (GQA-EXTSVC-01). Clients' answers are made here too.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class ExternalServicesOperations
{
    // EXT-003.
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(1);

    private readonly ExternalServicesOptions _options;
    private readonly TimeProvider _time;

    internal ExternalServicesOperations(ExternalServicesOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <summary>The services, each with credentials for whoever asks.</summary>
    /// <param name="requester">Who asks: an account, or a domain.</param>
    /// <param name="type">Only services of this type; null for all.</param>
    /// <returns>In the order of the configuration; empty when there is none of the type.</returns>
    public IEnumerable<ExternalService> List(BareJid requester, string? type) => _options.Service.Where(service => type is null || service.Type == type).Select(service => For(requester, service));

    /// <summary>A service, with credentials for whoever asks.</summary>
    internal ExternalService For(BareJid requester, ExternalServiceOptions service)
    {
        var transport = service.Transport?.ToString().ToLowerInvariant();
        if (service.Secret is not { } secret)
        {
            return new(service.Host, service.Type, service.Port, transport, service.Username, service.Password, null);
        }

        var expires = DateTimeOffset.FromUnixTimeSeconds((_time.GetUtcNow() + s_lifetime).ToUnixTimeSeconds());
        var username = string.Create(CultureInfo.InvariantCulture, $"{expires.ToUnixTimeSeconds()}:{requester}");
        return new(service.Host, service.Type, service.Port, transport, username, PasswordFor(username, secret), expires);
    }

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "TURN servers check this with HMAC-SHA-1 and nothing else.")]
    private static string PasswordFor(string username, string secret) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username)));
}

/// <summary>A service beside the server.</summary>
/// <param name="Host">Where it is.</param>
/// <param name="Type">What it is: <c>stun</c>, <c>turn</c>, ...</param>
/// <param name="Port">Its port; null for the usual one.</param>
/// <param name="Transport"><c>udp</c> or <c>tcp</c>; null for the usual one.</param>
/// <param name="Username">User name; null where none is needed.</param>
/// <param name="Password">Password; null where none is needed.</param>
/// <param name="Expires">When the credentials cease to hold; null where they do not.</param>
public sealed record ExternalService(string Host, string Type, int? Port, string? Transport, string? Username, string? Password, DateTimeOffset? Expires);
