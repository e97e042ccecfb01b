using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Meerkat.Xmpp.Sasl;

/// <summary>All that is kept of one password: keys for some of the SCRAM hashes, each with a salt of its own, all with the same rounds (AUTH-032, AUTH-034).</summary>
/// <remarks>Immutable and safe for concurrent use. The text form is the reference's, so that its data is read here and ours there (AUTH-039..042); see <see cref="ScramText"/>.</remarks>
public sealed class ScramCredentials
{
    /// <summary><c>scram_iterations</c> where nothing else is configured (AUTH-032, CORE-076).</summary>
    public const int DefaultIterations = 10_000;

    /// <summary>Puts keys together that were read from somewhere.</summary>
    /// <param name="iterations">The rounds that all keys were made with.</param>
    /// <param name="keys">At least one; at most one for a hash.</param>
    /// <exception cref="ArgumentException">There is no key, two are of one hash, or one has other rounds.</exception>
    public ScramCredentials(int iterations, IEnumerable<ScramKeys> keys)
    {
        ScramKeys[] ordered = [.. keys.OrderBy(static k => k.Hash)];
        if (ordered is [] || ordered.DistinctBy(static k => k.Hash).Count() != ordered.Length || ordered.Any(k => k.Iterations != iterations))
        {
            throw new ArgumentException("Keys are one for a hash, all with the same rounds, and at least one.", nameof(keys));
        }

        Iterations = iterations;
        Keys = ordered;
    }

    /// <summary>Every hash: what is computed where <c>password.hash</c> is not configured (AUTH-032).</summary>
    public static IReadOnlyList<ScramHash> AllHashes { get; } = Enum.GetValues<ScramHash>();

    /// <summary>Rounds of PBKDF2, the same for all keys.</summary>
    public int Iterations { get; }

    /// <summary>The keys, in the order of <see cref="ScramHash"/>; never empty.</summary>
    public IReadOnlyList<ScramKeys> Keys { get; }

    /// <summary>Computes the keys of a new password, with a random salt for each hash. Takes milliseconds of CPU time per hash, on purpose.</summary>
    /// <param name="password">The password as typed; normalised with resourceprep (AUTH-033). The caller has refused an empty one where that is not wanted (AUTH-018).</param>
    /// <param name="hashes">Which hashes; at least one, each once.</param>
    /// <param name="iterations">Rounds of PBKDF2; at least 1.</param>
    /// <param name="credentials">The result; null when the password holds what resourceprep prohibits.</param>
    public static bool TryCreate(string password, IEnumerable<ScramHash> hashes, int iterations, [NotNullWhen(true)] out ScramCredentials? credentials)
    {
        credentials = null;
        if (!ScramKeys.TryPreparePassword(password, out var prepared))
        {
            return false;
        }

        credentials = new(iterations, hashes.Select(h => ScramKeys.DerivePrepared(h, prepared, RandomNumberGenerator.GetBytes(ScramKeys.SaltSize), iterations)));
        return true;
    }

    /// <summary>As <see cref="TryCreate"/>, for a password that is known to be acceptable.</summary>
    /// <exception cref="ArgumentException">The password holds what resourceprep prohibits.</exception>
    public static ScramCredentials Create(string password, IEnumerable<ScramHash> hashes, int iterations) =>
        TryCreate(password, hashes, iterations, out var credentials)
            ? credentials
            : throw new ArgumentException("The password holds characters that resourceprep prohibits.", nameof(password));

    /// <summary>Reads the stored text, either form of it (AUTH-039, AUTH-040).</summary>
    /// <returns>False for anything else: the caller logs it as corrupted and treats it as no password (AUTH-041).</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ScramCredentials? credentials) => ScramText.TryParse(text, out credentials);

    /// <summary>The text to store (AUTH-039).</summary>
    public string Serialise() => ScramText.Write(this);

    /// <summary>The keys for a hash, or null when they were not computed: the account cannot log in with that hash (AUTH-037).</summary>
    public ScramKeys? For(ScramHash hash) => Keys.FirstOrDefault(k => k.Hash == hash);

    /// <summary>Checks a password against the first hash present (AUTH-035). Takes milliseconds of CPU time, on purpose.</summary>
    public bool VerifyPassword(string password) => Keys[0].Verify(password);
}
