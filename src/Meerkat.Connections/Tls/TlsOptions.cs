using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;
using Meerkat.Core.Tls;

namespace Meerkat.Connections.Tls;

/// <summary>TLS of a listener: a <c>tls</c> table (CONF-281 to CONF-293). With neither <c>certfile</c> nor <c>keyfile</c> the server makes a certificate that it signs itself.</summary>
public record TlsOptions : IValidatableObject
{
    /// <summary><c>verify_mode</c>: how a client's certificate is judged. Default <c>peer</c>, which asks every client for one (CONF-298).</summary>
    public TlsVerifyMode VerifyMode { get; init; } = TlsVerifyMode.Peer;

    /// <summary><c>certfile</c>: the certificate and its chain, PEM; null means one that the server signs itself. Ours: the reference has no such default.</summary>
    [ConfigName("certfile"), ExistingFile]
    public string? CertFile { get; init; }

    /// <summary><c>keyfile</c>: the private key, PEM.</summary>
    [ConfigName("keyfile"), ExistingFile]
    public string? KeyFile { get; init; }

    /// <summary><c>password</c>: of the private key; null when it is not encrypted.</summary>
    [Secret]
    public string? Password { get; init; }

    /// <summary><c>cacertfile</c>: whom to trust about clients' certificates, PEM; null means the system's trust store.</summary>
    [ConfigName("cacertfile"), ExistingFile]
    public string? CaCertFile { get; init; }

    /// <summary><c>crl_files</c>: revocation lists, PEM or DER. With any, a client's certificate passes only if its issuer's list is among them, valid, and does not name it. Default none (CONF-289).</summary>
    [ConfigName("crl_files"), ExistingFile]
    public IReadOnlyList<string> CrlFiles { get; init; } = [];

    /// <summary><c>versions</c>: protocol versions offered. Default both.</summary>
    [NonEmptyList, Unique]
    public IReadOnlyList<TlsVersion> Versions { get; init; } = [TlsVersion.Tls12, TlsVersion.Tls13];

    /// <summary><c>disconnect_on_failure</c>: refuse a client whose certificate is absent or wrong already in the handshake. Default true (CONF-298).</summary>
    public bool DisconnectOnFailure { get; init; } = true;

    /// <summary>Certificate and key come together (CONF-027).</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CertFile is not null && KeyFile is null)
        {
            yield return new ConfigRule("needs the key \"keyfile\" beside it", nameof(CertFile), "tls_certfile_without_keyfile");
        }
        else if (CertFile is null && KeyFile is not null)
        {
            yield return new ConfigRule("needs the key \"certfile\" beside it", nameof(KeyFile), "tls_keyfile_without_certfile");
        }
    }
}

/// <summary>TLS of a listener for XMPP streams.</summary>
public sealed record StreamTlsOptions : TlsOptions
{
    /// <summary><c>mode</c>: when TLS starts. Default <c>starttls</c> (CONF-281).</summary>
    public TlsMode Mode { get; init; } = TlsMode.StartTls;
}

/// <summary>When TLS starts on a stream (CONF-281).</summary>
public enum TlsMode
{
    /// <summary>When the client asks, inside the stream.</summary>
    [ConfigName("starttls")]
    StartTls,

    /// <summary>Inside the stream, and nothing goes before it.</summary>
    [ConfigName("starttls_required")]
    StartTlsRequired,

    /// <summary>Before the stream (XEP-0368).</summary>
    Tls,
}
