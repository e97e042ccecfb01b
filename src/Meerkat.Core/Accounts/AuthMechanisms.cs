using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>The configuration's words for SASL, and SASL's.</summary>
internal static class AuthMechanisms
{
    /// <summary>The mechanisms of <c>auth.sasl_mechanisms</c> that are SASL's own to name, in the order of the file. X-OAUTH is offered by its module (AUTH-030).</summary>
    public static IReadOnlyList<string> Names(AuthOptions options) => [.. options.SaslMechanisms.Select(Name).OfType<string>()];

    /// <summary><c>auth.sasl_external</c> (AUTH-089).</summary>
    public static ExternalMapping Mapping(AuthOptions options) => new([.. options.SaslExternal.Select(way => Strategy(way, options.SaslExternalCommonName))]);

    private static IExternalStrategy Strategy(CertificateMapping way, CommonNameOptions commonName) => way switch
    {
        CertificateMapping.CommonName => new CommonNameStrategy(commonName.Prefix, commonName.Suffix),
        CertificateMapping.AuthId => new AuthIdStrategy(),
        _ => new StandardStrategy(),
    };

    private static string? Name(SaslMechanismName name) => name switch
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
        _ => null,
    };
}
