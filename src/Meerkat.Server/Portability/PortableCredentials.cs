using System.Globalization;
using System.Text;
using Meerkat.Core.Accounts;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Server.Portability;

/// <summary>Passwords in files of accounts: SCRAM keys, one element a hash (XEP-0227 §4.1).</summary>
internal static class PortableCredentials
{
    private const string Prefix = "SCRAM-";

    /// <summary>The keys as elements; none where the password itself is kept.</summary>
    /// <param name="password">What is kept.</param>
    /// <param name="forEjabberd">Whether texts are encoded twice, as ejabberd up to 23.01 writes and reads them.</param>
    public static IEnumerable<XmlElement> Write(AccountPassword password, bool forEjabberd) => (password.Scram?.Keys ?? []).Select(keys =>
        new XmlBuilder("scram-credentials", Ns.PortableScram).Attribute("mechanism", Prefix + NameOf(keys.Hash))
            .Element("iter-count", keys.Iterations.ToString(CultureInfo.InvariantCulture))
            .Element("salt", Text(keys.Salt.Span, forEjabberd))
            .Element("server-key", Text(keys.ServerKey.Span, forEjabberd))
            .Element("stored-key", Text(keys.StoredKey.Span, forEjabberd))
            .Build());

    /// <summary>Reads one element.</summary>
    /// <returns>Null when it cannot be used: of a hash that is not known here, or not whole.</returns>
    public static ScramKeys? Read(XmlElement element)
    {
        if (element.Attribute("mechanism") is not { } mechanism || HashOf(mechanism) is not { } hash
            || !int.TryParse(element.ChildText("iter-count"), NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations < 1
            || Bytes(element, "salt") is not { Length: > 0 } salt
            || Bytes(element, "server-key") is not { } server
            || Bytes(element, "stored-key") is not { } stored)
        {
            return null;
        }

        // COMPAT: ejabberd up to 23.01 encodes twice. No key is as long as its own text.
        if (stored.Length != Length(hash) && Again(stored) is { } storedOnce && Again(server) is { } serverOnce && Again(salt) is { Length: > 0 } saltOnce)
        {
            (stored, server, salt) = (storedOnce, serverOnce, saltOnce);
        }

        return stored.Length == Length(hash) && server.Length == Length(hash) ? new ScramKeys(hash, salt, iterations, stored, server) : null;
    }

    /// <summary>What is kept of keys that were read: those of one number of rounds, that of the strongest hash.</summary>
    /// <param name="keys">At least one.</param>
    public static ScramCredentials Together(IReadOnlyList<ScramKeys> keys)
    {
        var rounds = keys.MaxBy(key => key.Hash)!.Iterations;
        return new ScramCredentials(rounds, keys.Where(key => key.Iterations == rounds).DistinctBy(key => key.Hash));
    }

    /// <summary>ejabberd's form of keys in the attribute <c>password</c>: <c>scram:</c> with stored key, server key, salt and rounds, perhaps the hash in front.</summary>
    /// <returns>Null when it is a password.</returns>
    // COMPAT: ejabberd up to 23.01 knows no scram-credentials.
    public static ScramKeys? ReadAttribute(string password)
    {
        if (!password.StartsWith("scram:", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = password["scram:".Length..].Split(',');
        var hash = ScramHash.Sha1;
        if (parts.Length == 5)
        {
            if (HashOf(parts[0].ToUpperInvariant() switch { "SHA" => "SCRAM-SHA-1", "SHA256" => "SCRAM-SHA-256", "SHA512" => "SCRAM-SHA-512", var other => other }) is not { } named)
            {
                return null;
            }

            hash = named;
            parts = parts[1..];
        }

        return parts.Length == 4
            && Bytes(parts[0]) is { } stored && stored.Length == Length(hash)
            && Bytes(parts[1]) is { } server && server.Length == Length(hash)
            && Bytes(parts[2]) is { Length: > 0 } salt
            && int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) && iterations > 0
            ? new ScramKeys(hash, salt, iterations, stored, server)
            : null;
    }

    private static string NameOf(ScramHash hash) => hash switch
    {
        ScramHash.Sha1 => "SHA-1",
        ScramHash.Sha224 => "SHA-224",
        ScramHash.Sha256 => "SHA-256",
        ScramHash.Sha384 => "SHA-384",
        _ => "SHA-512",
    };

    private static ScramHash? HashOf(string mechanism)
    {
        foreach (var hash in Enum.GetValues<ScramHash>())
        {
            if (mechanism == Prefix + NameOf(hash))
            {
                return hash;
            }
        }

        return null;
    }

    private static int Length(ScramHash hash) => hash switch
    {
        ScramHash.Sha1 => 20,
        ScramHash.Sha224 => 28,
        ScramHash.Sha256 => 32,
        ScramHash.Sha384 => 48,
        _ => 64,
    };

    private static string Text(ReadOnlySpan<byte> bytes, bool twice)
    {
        var text = Convert.ToBase64String(bytes);
        return twice ? Convert.ToBase64String(Encoding.ASCII.GetBytes(text)) : text;
    }

    private static byte[]? Again(byte[] text) => Bytes(Encoding.ASCII.GetString(text));

    private static byte[]? Bytes(XmlElement element, string child) => element.ChildText(child) is { } text ? Bytes(text.Trim()) : null;

    private static byte[]? Bytes(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
