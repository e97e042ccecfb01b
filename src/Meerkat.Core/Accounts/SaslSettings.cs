using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>What the configuration's words for SASL mean.</summary>
internal static class SaslSettings
{
    /// <summary>The registered name of a mechanism. Those that this server has no exchange for are passed over where they are offered.</summary>
    public static string RegisteredName(this SaslMechanismName name) => name switch
    {
        SaslMechanismName.ScramSha512Plus => SaslMechanisms.Scram(ScramHash.Sha512, plus: true),
        SaslMechanismName.ScramSha512 => SaslMechanisms.Scram(ScramHash.Sha512),
        SaslMechanismName.ScramSha384Plus => SaslMechanisms.Scram(ScramHash.Sha384, plus: true),
        SaslMechanismName.ScramSha384 => SaslMechanisms.Scram(ScramHash.Sha384),
        SaslMechanismName.ScramSha256Plus => SaslMechanisms.Scram(ScramHash.Sha256, plus: true),
        SaslMechanismName.ScramSha256 => SaslMechanisms.Scram(ScramHash.Sha256),
        SaslMechanismName.ScramSha224Plus => SaslMechanisms.Scram(ScramHash.Sha224, plus: true),
        SaslMechanismName.ScramSha224 => SaslMechanisms.Scram(ScramHash.Sha224),
        SaslMechanismName.ScramSha1Plus => SaslMechanisms.Scram(ScramHash.Sha1, plus: true),
        SaslMechanismName.ScramSha1 => SaslMechanisms.Scram(ScramHash.Sha1),
        SaslMechanismName.Plain => SaslMechanisms.Plain,
        SaslMechanismName.Anonymous => SaslMechanisms.Anonymous,
        SaslMechanismName.External => SaslMechanisms.External,
        SaslMechanismName.Oauth => "X-OAUTH",
        SaslMechanismName.Digest => "DIGEST-MD5",
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    /// <summary>How a certificate is mapped to an account (AUTH-090 to AUTH-095).</summary>
    public static IExternalStrategy Strategy(this CertificateMapping mapping, CommonNameOptions commonName) => mapping switch
    {
        CertificateMapping.CommonName => new CommonNameStrategy(commonName.Prefix, commonName.Suffix),
        CertificateMapping.AuthId => new AuthIdStrategy(),
        _ => new StandardStrategy(),
    };
}
