using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Core.Tls;

/// <summary>TLS where this server is the client: a <c>tls</c> table of a pool's connection (CONF-282 to CONF-296).</summary>
public record ClientTlsOptions : IValidatableObject
{
    /// <summary><c>verify_mode</c>: how the server's certificate is judged. Default <c>peer</c>: it must be trusted and name the host; <c>none</c> takes any.</summary>
    public TlsVerifyMode VerifyMode { get; init; } = TlsVerifyMode.Peer;

    /// <summary><c>certfile</c>: our own certificate and its chain, PEM, for a server that asks for one; null means none.</summary>
    [ConfigName("certfile"), ExistingFile]
    public string? CertFile { get; init; }

    /// <summary><c>keyfile</c>: the private key, PEM.</summary>
    [ConfigName("keyfile"), ExistingFile]
    public string? KeyFile { get; init; }

    /// <summary><c>password</c>: of the private key; null when it is not encrypted.</summary>
    [Secret]
    public string? Password { get; init; }

    /// <summary><c>cacertfile</c>: whom to trust, PEM; null means the system's trust store.</summary>
    [ConfigName("cacertfile"), ExistingFile]
    public string? CaCertFile { get; init; }

    /// <summary><c>versions</c>: protocol versions allowed. Default both.</summary>
    [NonEmptyList, Unique]
    public IReadOnlyList<TlsVersion> Versions { get; init; } = [TlsVersion.Tls12, TlsVersion.Tls13];

    /// <summary><c>server_name_indication</c>: which name is asked for and expected in the certificate.</summary>
    public ServerNameOptions ServerNameIndication { get; init; } = new();

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

/// <summary>The name that a client asks for and expects: a <c>server_name_indication</c> table (CONF-294 to CONF-296).</summary>
public sealed record ServerNameOptions
{
    /// <summary><c>enabled</c>: false asks for no name and expects none in the certificate. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary><c>host</c>: the name, when it is not the host that is connected to.</summary>
    [NonEmpty]
    public string? Host { get; init; }

    /// <summary><c>protocol</c>: how names are compared. Default <c>default</c>.</summary>
    public ServerNameMatching Protocol { get; init; } = ServerNameMatching.Default;
}

/// <summary>How a certificate's name is compared with the one expected (CONF-296).</summary>
public enum ServerNameMatching
{
    /// <summary>Exactly.</summary>
    Default,

    /// <summary>A wildcard in the certificate stands for one label (RFC 9110 §4.3.4).</summary>
    Https,
}
