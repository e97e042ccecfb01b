using System.Security.Cryptography;
using System.Text;
using Meerkat.Core.Configuration;

namespace Meerkat.Connections.Http;

/// <summary>A token by which a program is the server's administrator: a <c>tokens</c> table of a handler. Ours. The file has its hash alone; <c>meerkat token</c> makes one.</summary>
public sealed record ApiTokenOptions
{
    /// <summary><c>name</c>: whose it is, for the log.</summary>
    [NonEmpty]
    public required string Name { get; init; }

    /// <summary><c>sha256</c>: SHA-256 of the token, in 64 hexadecimal digits.</summary>
    [Sha256, Secret]
    public required string Sha256 { get; init; }

    /// <summary><c>expires</c>: when it ceases to open anything. Default never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Makes a token of 256 random bits.</summary>
    public static string Create() => $"meerkat_{RandomNumberGenerator.GetHexString(64, lowercase: true)}";

    /// <summary>The hash of a token, as the file wants it.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}

/// <summary>A SHA-256, in hexadecimal digits.</summary>
public sealed class Sha256Attribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "64 hexadecimal digits";

    /// <inheritdoc/>
    public override string? Accept(string value) => value.Length == 64 && value.All(char.IsAsciiHexDigit) ? value.ToLowerInvariant() : null;
}
