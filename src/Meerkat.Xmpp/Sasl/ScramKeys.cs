using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Xmpp.Sasl;

/// <summary>What a server keeps of a password for one SCRAM hash: enough to check a proof and to prove itself, not enough to log in (RFC 5802 §3).</summary>
/// <param name="hash">The hash that all keys are of.</param>
/// <param name="salt">The salt of the password; never empty.</param>
/// <param name="iterations">Rounds of PBKDF2; at least 1.</param>
/// <param name="storedKey">H(ClientKey), as long as the hash's output.</param>
/// <param name="serverKey">ServerKey, as long as the hash's output.</param>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class ScramKeys(ScramHash hash, ReadOnlyMemory<byte> salt, int iterations, ReadOnlyMemory<byte> storedKey, ReadOnlyMemory<byte> serverKey)
{
    /// <summary>Octets of a salt that this server makes (AUTH-032, CORE-076).</summary>
    public const int SaltSize = 16;

    /// <summary>The hash that all keys are of.</summary>
    public ScramHash Hash { get; } = hash;

    /// <summary>The salt of the password.</summary>
    public ReadOnlyMemory<byte> Salt { get; } = salt;

    /// <summary>Rounds of PBKDF2.</summary>
    public int Iterations { get; } = iterations;

    /// <summary>H(ClientKey).</summary>
    public ReadOnlyMemory<byte> StoredKey { get; } = storedKey;

    /// <summary>The key with which the server proves that it knows the password.</summary>
    public ReadOnlyMemory<byte> ServerKey { get; } = serverKey;

    /// <summary>Computes the keys of a password. Takes milliseconds of CPU time, on purpose.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="password">The password as typed; it is normalised with resourceprep first (AUTH-033). May be empty (AUTH-060).</param>
    /// <param name="salt">The salt; not empty.</param>
    /// <param name="iterations">Rounds of PBKDF2; at least 1.</param>
    /// <exception cref="ArgumentException">The password holds what resourceprep prohibits, or the salt is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="iterations"/> is less than 1.</exception>
    public static ScramKeys Derive(ScramHash hash, string password, ReadOnlySpan<byte> salt, int iterations)
    {
        if (!TryPreparePassword(password, out var prepared))
        {
            throw new ArgumentException("The password holds characters that resourceprep prohibits.", nameof(password));
        }

        return DerivePrepared(hash, prepared, salt, iterations);
    }

    /// <summary>Whether <paramref name="password"/> is the one that these keys are of: recomputes them (AUTH-035) and compares in constant time.</summary>
    public bool Verify(string password)
    {
        if (!TryPreparePassword(password, out var prepared))
        {
            return false;
        }

        var computed = DerivePrepared(Hash, prepared, Salt.Span, Iterations);
        return CryptographicOperations.FixedTimeEquals(computed.StoredKey.Span, StoredKey.Span);
    }

    /// <summary>Normalises a password with resourceprep (AUTH-033) and encodes it as UTF-8.</summary>
    internal static bool TryPreparePassword(string password, out byte[] prepared)
    {
        prepared = [];
        if (password.Length == 0)
        {
            return true;
        }

        if (!Stringprep.TryResourceprep(password, out var text))
        {
            return false;
        }

        prepared = Encoding.UTF8.GetBytes(text);
        return true;
    }

    /// <summary>RFC 5802 §3: SaltedPassword, and from it StoredKey and ServerKey.</summary>
    internal static ScramKeys DerivePrepared(ScramHash hash, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        if (salt.IsEmpty)
        {
            throw new ArgumentException("A salt is never empty.", nameof(salt));
        }

        var salted = hash.Hi(password, salt, iterations);
        var storedKey = hash.H(hash.Hmac(salted, "Client Key"u8));
        var serverKey = hash.Hmac(salted, "Server Key"u8);
        return new ScramKeys(hash, salt.ToArray(), iterations, storedKey, serverKey);
    }
}
