using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Xmpp.Sasl;

/// <summary>Makes up keys for accounts that do not exist, so that nobody learns from a log-in which accounts do (AUTH-169, CORE-077).</summary>
/// <param name="secret">Known to no client. Whoever asks twice about one name must see the same salt, so nodes of one cluster, and a server before and after a restart, share it if they can.</param>
/// <param name="iterations">The rounds that are shown; the configured <c>scram_iterations</c>.</param>
/// <remarks>
/// Salt and keys are an HMAC of the name: a stranger cannot tell them from random ones, and no password fits them. Immutable and safe for concurrent use.
/// Accounts whose password was set under another <c>scram_iterations</c> still differ from a decoy by their rounds, until the password changes (AUTH-034).
/// Where passwords are stored as plain text, <see cref="Salt"/> serves existing accounts as well, so that theirs do not change from one log-in to the next.
/// </remarks>
public sealed class ScramDecoy(ReadOnlyMemory<byte> secret, int iterations = ScramCredentials.DefaultIterations)
{
    /// <summary>A decoy with a secret of its own and the default rounds; lives as long as the process.</summary>
    public static ScramDecoy Process { get; } = new(RandomNumberGenerator.GetBytes(32));

    /// <summary>The rounds that are shown.</summary>
    public int Iterations { get; } = iterations;

    /// <summary>Keys for a name, always the same, that no password fits. Checking a password against them costs as much as against real ones.</summary>
    /// <param name="domain">The domain of the stream.</param>
    /// <param name="username">The prepared localpart.</param>
    /// <param name="hash">The hash of the mechanism.</param>
    public ScramKeys Keys(string domain, string username, ScramHash hash) =>
        new(hash, Salt(domain, username, hash), Iterations, Made("stored", domain, username, hash, hash.Size()), Made("server", domain, username, hash, hash.Size()));

    /// <summary>The salt for a name, always the same: <see cref="ScramKeys.SaltSize"/> octets.</summary>
    /// <inheritdoc cref="Keys"/>
    public ReadOnlyMemory<byte> Salt(string domain, string username, ScramHash hash) => Made("salt", domain, username, hash, ScramKeys.SaltSize);

    private ReadOnlyMemory<byte> Made(string purpose, string domain, string username, ScramHash hash, int size)
    {
        // A NUL separates: it occurs in none of the parts.
        var label = Encoding.UTF8.GetBytes($"{purpose}\0{hash}\0{domain}\0{username}");
        return HMACSHA512.HashData(secret.Span, label).AsMemory(0, size);
    }
}
