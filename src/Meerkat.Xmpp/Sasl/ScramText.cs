using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Meerkat.Xmpp.Sasl;

/// <summary>The text form of <see cref="ScramCredentials"/> (AUTH-039, AUTH-040).</summary>
/// <remarks>
/// <c>==MULTI_SCRAM==,10000,===SHA1===salt|stored|server,==SHA256==salt|stored|server</c>, any subset of the hashes; and, only read,
/// <c>==SCRAM==,stored,server,salt,iterations</c> with the keys of SHA-1.
/// </remarks>
internal static class ScramText
{
    private const string Multi = "==MULTI_SCRAM==";
    private const string Legacy = "==SCRAM==";
    private const int PrefixLength = 10;

    public static string Write(ScramCredentials credentials)
    {
        var text = new StringBuilder(Multi).Append(',').Append(credentials.Iterations);
        foreach (var keys in credentials.Keys)
        {
            text.Append(',').Append(Prefix(keys.Hash))
                .Append(Convert.ToBase64String(keys.Salt.Span)).Append('|')
                .Append(Convert.ToBase64String(keys.StoredKey.Span)).Append('|')
                .Append(Convert.ToBase64String(keys.ServerKey.Span));
        }

        return text.ToString();
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out ScramCredentials? credentials)
    {
        credentials = text?.Split(',') switch
        {
            [Multi, var iterations, .. var entries] => FromMulti(iterations, entries),
            [Legacy, var stored, var server, var salt, var iterations] when TryIterations(iterations, out var rounds)
                && FromParts(ScramHash.Sha1, rounds, salt, stored, server) is { } keys => new(rounds, [keys]),
            _ => null,
        };
        return credentials is not null;
    }

    private static ScramCredentials? FromMulti(string iterations, string[] entries)
    {
        if (entries is [] || !TryIterations(iterations, out var rounds))
        {
            return null;
        }

        var keys = new Dictionary<ScramHash, ScramKeys>();
        foreach (var entry in entries)
        {
            if (HashOf(entry) is not { } hash
                || entry[PrefixLength..].Split('|') is not [var salt, var stored, var server]
                || FromParts(hash, rounds, salt, stored, server) is not { } read
                || !keys.TryAdd(hash, read))
            {
                return null;
            }
        }

        return new(rounds, keys.Values);
    }

    private static ScramKeys? FromParts(ScramHash hash, int iterations, string salt, string stored, string server) =>
        TryDecode(salt, out var saltBytes) && saltBytes.Length > 0
        && TryDecode(stored, out var storedKey) && storedKey.Length == hash.Size()
        && TryDecode(server, out var serverKey) && serverKey.Length == hash.Size()
            ? new(hash, saltBytes, iterations, storedKey, serverKey)
            : null;

    private static bool TryIterations(string text, out int iterations) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out iterations) && iterations > 0;

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        if (!Base64.IsValid(text))
        {
            return false;
        }

        bytes = Convert.FromBase64String(text);
        return true;
    }

    private static ScramHash? HashOf(string entry)
    {
        foreach (var hash in ScramCredentials.AllHashes)
        {
            if (entry.StartsWith(Prefix(hash), StringComparison.Ordinal))
            {
                return hash;
            }
        }

        return null;
    }

    /// <summary>Exactly ten characters each.</summary>
    private static string Prefix(ScramHash hash) => hash switch
    {
        ScramHash.Sha1 => "===SHA1===",
        ScramHash.Sha224 => "==SHA224==",
        ScramHash.Sha256 => "==SHA256==",
        ScramHash.Sha384 => "==SHA384==",
        ScramHash.Sha512 => "==SHA512==",
        _ => throw new ArgumentOutOfRangeException(nameof(hash)),
    };
}
