using System.Security.Cryptography.X509Certificates;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>The credentials that one attempt to log in asks for, and a note of which method let the user in. One for each attempt; not safe for concurrent use.</summary>
public abstract class LoginAttempt : ISaslCredentials
{
    /// <summary>Name of the method that let the user in, or that has its keys; empty before (AUTH-007).</summary>
    public string Method { get; protected set; } = "";

    /// <summary>What is shown for accounts that do not exist, with the rounds that new accounts have (AUTH-169).</summary>
    public virtual ScramDecoy Decoy => ScramDecoy.Process;

    /// <inheritdoc/>
    public abstract ValueTask<ScramKeys?> FindScramAsync(string username, ScramHash hash, CancellationToken ct);

    /// <inheritdoc/>
    public abstract ValueTask<bool> CheckPasswordAsync(string username, string password, CancellationToken ct);

    /// <inheritdoc/>
    public abstract ValueTask<bool> AuthoriseCertificateAsync(string username, X509Certificate2 certificate, CancellationToken ct);

    /// <inheritdoc/>
    public abstract ValueTask<bool> AuthoriseAnonymousAsync(string username, CancellationToken ct);
}
