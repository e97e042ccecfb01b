using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Accounts;

/// <summary>A token that somebody else has signed is the password (AUTH-116 to AUTH-121, RFC 7519).</summary>
/// <remarks>Every account exists; none is made, removed or listed here. Safe for concurrent use.</remarks>
public sealed class JwtAuthMethod : IAuthMethod
{
    private const int MaxToken = 16 * 1024;

    private readonly JwtAuthOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly JwtSignature? _signature; // null: the environment has the key

    /// <summary>The method with its key.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told of tokens that are refused.</param>
    /// <exception cref="ArgumentException">The key is none of the algorithm.</exception>
    /// <exception cref="IOException">The key's file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The key's file may not be read.</exception>
    public JwtAuthMethod(JwtAuthOptions options, TimeProvider time, ILogger log)
    {
        _options = options;
        _time = time;
        _log = log;
        var key = options.Secret.Value ?? (options.Secret.File is { } path ? File.ReadAllText(path).TrimEnd() : null);
        _signature = key is null ? null : new JwtSignature(options.Algorithm, key);
    }

    /// <inheritdoc/>
    public AuthMethod Method => AuthMethod.Jwt;

    /// <inheritdoc/>
    public SaslSupport Support { get; } = new() { Plain = true };

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => new(true);

    /// <inheritdoc/>
    public ValueTask<bool> CheckPasswordAsync(BareJid account, string password, CancellationToken ct)
    {
        var fault = Check(account, password);
        if (fault is not null)
        {
            JwtLog.Refused(_log, account.ToString(), fault);
        }

        return new(fault is null);
    }

    // Null when the token lets the account in; else why not.
    private string? Check(BareJid account, string token)
    {
        if (token.Length > MaxToken || token.Split('.') is not [var head, var body, var end] || Decode(head) is not { } header || Decode(body) is not { } claims || Decode(end) is not { } signature)
        {
            return "it is no token";
        }

        if (Read(header) is not { } headers || Read(claims) is not { } claim)
        {
            return "it is no token";
        }

        using var passing = _signature is null ? FromEnvironment() : null;
        try
        {
            return Judge(passing ?? _signature!, headers, claim, token, signature, account);
        }
        catch (InvalidOperationException)
        {
            return "it is no token"; // what looks like a text in its JSON is none: half of a surrogate pair, say
        }
    }

    // Before anything of it is believed: what it says of its algorithm decides nothing (RFC 8725 §3.1).
    private string? Judge(JwtSignature check, JsonElement headers, JsonElement claim, string token, byte[] signature, BareJid account)
    {
        if (Text(headers, "alg") != check.Name || headers.TryGetProperty("crit", out _))
        {
            return "it is signed by another algorithm, or wants what is not known here";
        }

        if (!check.IsRight(Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')]), signature))
        {
            return "its signature is wrong";
        }

        var now = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        return !Holds(claim, "exp", moment => now < moment) ? "it has expired"
            : !Holds(claim, "nbf", moment => now >= moment) ? "it does not hold yet"
            : !Holds(claim, "iat", moment => now >= moment) ? "it was made in the future"
            : Text(claim, _options.UsernameKey) is not { } user ? $"it has no claim {_options.UsernameKey}"
            : user != account.Local ? "it is somebody else's"
            : null;
    }

    private JwtSignature FromEnvironment() =>
        new(_options.Algorithm, Environment.GetEnvironmentVariable(_options.Secret.Env!) is { Length: > 0 } key ? key : throw new InvalidOperationException($"the environment has no variable {_options.Secret.Env}"));

    private static byte[]? Decode(string part)
    {
        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static JsonElement? Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.ValueKind is JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    // A moment that is not there says nothing; one that makes no sense refuses.
    private static bool Holds(JsonElement claims, string name, Func<double, bool> fit) =>
        !claims.TryGetProperty(name, out var value) || (value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var moment) && fit(moment));
}

internal static partial class JwtLog
{
    [LoggerMessage(LogLevel.Warning, "The token of {Account} is refused: {Reason}")]
    public static partial void Refused(ILogger logger, string account, string reason);
}
