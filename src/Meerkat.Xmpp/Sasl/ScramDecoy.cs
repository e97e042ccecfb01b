using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Xmpp.Sasl;

/// <summary>Makes up keys for accounts that do not exist, so that nobody learns from a log-in which accounts do (AUTH-169, CORE-077).</summary>
/// <remarks>
/// Salt and keys are an HMAC of the name: a stranger cannot tell them from random ones, and no password fits them. Immutable and safe for concurrent use.
/// Where passwords are stored as plain text, <see cref="Salt"/> serves existing accounts as well, so that theirs do not change from one log-in to the next.
/// </remarks>
public sealed class ScramDecoy
{
    private readonly ReadOnlyMemory<byte> _secret;
    private readonly IReadOnlyList<int> _rounds;

    /// <summary>Decoys that all show the same rounds.</summary>
    /// <param name="secret">Known to no client. Whoever asks twice about one name must see the same salt, so nodes of one cluster, and a server before and after a restart, share it.</param>
    /// <param name="iterations">The rounds of new accounts; the configured <c>scram_iterations</c>.</param>
    public ScramDecoy(ReadOnlyMemory<byte> secret, int iterations = ScramCredentials.DefaultIterations)
        : this(secret, iterations, [iterations])
    {
    }

    private ScramDecoy(ReadOnlyMemory<byte> secret, int iterations, IReadOnlyList<int> rounds)
    {
        _secret = secret;
        _rounds = rounds;
        Iterations = iterations;
    }

    /// <summary>A decoy with a secret of its own and the default rounds; lives as long as the process.</summary>
    public static ScramDecoy Process { get; } = new(RandomNumberGenerator.GetBytes(32));

    /// <summary>The rounds of new accounts.</summary>
    public int Iterations { get; }

    /// <summary>The same decoys, whose rounds are spread like those of accounts that exist: one whose password is older than <c>scram_iterations</c> does not stand out (AUTH-034).</summary>
    /// <param name="rounds">The rounds of some of the accounts, one for each; empty changes nothing.</param>
    public ScramDecoy WithRounds(IEnumerable<int> rounds) => rounds.Order().ToArray() is { Length: > 0 } known ? new(_secret, Iterations, known) : this;

    /// <summary>Keys for a name, always the same, that no password fits. Checking a password against them costs as much as against real ones.</summary>
    /// <param name="domain">The domain of the stream.</param>
    /// <param name="username">The prepared localpart.</param>
    /// <param name="hash">The hash of the mechanism.</param>
    public ScramKeys Keys(string domain, string username, ScramHash hash) =>
        new(hash, Salt(domain, username, hash), Rounds(domain, username), Made("stored", domain, username, hash, hash.Size()), Made("server", domain, username, hash, hash.Size()));

    /// <summary>The salt for a name, always the same: <see cref="ScramKeys.SaltSize"/> octets.</summary>
    /// <inheritdoc cref="Keys"/>
    public ReadOnlyMemory<byte> Salt(string domain, string username, ScramHash hash) => Made("salt", domain, username, hash, ScramKeys.SaltSize);

    // All hashes of one account have the same rounds. A fraction, not a remainder: one account more or less moves few names to other rounds.
    private int Rounds(string domain, string username)
    {
        var fraction = BinaryPrimitives.ReadUInt32BigEndian(Made("rounds", domain, username, ScramHash.Sha1, 4).Span);
        return _rounds[(int)((ulong)fraction * (ulong)_rounds.Count >> 32)];
    }

    private ReadOnlyMemory<byte> Made(string purpose, string domain, string username, ScramHash hash, int size)
    {
        // A NUL separates: it occurs in none of the parts.
        var label = Encoding.UTF8.GetBytes($"{purpose}\0{hash}\0{domain}\0{username}");
        return HMACSHA512.HashData(_secret.Span, label).AsMemory(0, size);
    }
}
