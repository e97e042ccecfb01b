using System.Security.Cryptography.X509Certificates;

namespace Meerkat.Xmpp.Sasl;

/// <summary>What an exchange asks about accounts. It is implemented over the authentication methods of a host type, for one domain (AUTH-007..010).</summary>
/// <remarks>
/// Names are prepared localparts. An exception of an implementation passes through the exchange: the stream answers <c>temporary-auth-failure</c>.
/// An implementation that records which method let the user in does so in an instance of its own per stream.
/// </remarks>
public interface ISaslCredentials
{
    /// <summary>The keys of an account for one hash.</summary>
    /// <returns>Null when there is no such account or it has no keys of that hash; the exchange then goes on with made-up ones, and fails at its end.</returns>
    ValueTask<ScramKeys?> FindScramAsync(string username, ScramHash hash, CancellationToken ct);

    /// <summary>Whether the password is the account's. For an account that does not exist the implementation spends the same time, by <see cref="ScramDecoy.Keys"/> and <see cref="ScramKeys.Verify"/>.</summary>
    ValueTask<bool> CheckPasswordAsync(string username, string password, CancellationToken ct);

    /// <summary>Whether some method lets in the user that a verified certificate was mapped to (AUTH-100).</summary>
    ValueTask<bool> AuthoriseCertificateAsync(string username, X509Certificate2 certificate, CancellationToken ct);

    /// <summary>Whether an anonymous user may have this random name: there is no such account (CORE-082).</summary>
    ValueTask<bool> AuthoriseAnonymousAsync(string username, CancellationToken ct);
}
