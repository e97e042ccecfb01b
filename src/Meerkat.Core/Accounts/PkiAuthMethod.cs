using System.Security.Cryptography.X509Certificates;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>Everybody whose certificate names an account is let in, and every name exists (AUTH-122, AUTH-191).</summary>
public sealed class PkiAuthMethod : IAuthMethod
{
    /// <inheritdoc/>
    public AuthMethod Method => AuthMethod.Pki;

    /// <inheritdoc/>
    public SaslSupport Support { get; } = new() { External = true };

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => new(true);

    /// <inheritdoc/>
    public ValueTask<bool> AuthoriseCertificateAsync(BareJid account, X509Certificate2 certificate, CancellationToken ct) => new(true);
}
