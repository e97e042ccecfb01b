namespace Meerkat.Xmpp.Sasl;

/// <summary>The hash of a SCRAM mechanism, in the order in which a stored password lists them (AUTH-039) and PLAIN tries them (AUTH-035).</summary>
/// <remarks>RFC 5802 (SHA-1), RFC 7677 (SHA-256); the others follow RFC 5802 with another hash, as the reference offers them.</remarks>
public enum ScramHash
{
    /// <summary>SHA-1, 20 octets: <c>SCRAM-SHA-1</c>.</summary>
    Sha1,

    /// <summary>SHA-224, 28 octets: <c>SCRAM-SHA-224</c>.</summary>
    Sha224,

    /// <summary>SHA-256, 32 octets: <c>SCRAM-SHA-256</c>.</summary>
    Sha256,

    /// <summary>SHA-384, 48 octets: <c>SCRAM-SHA-384</c>.</summary>
    Sha384,

    /// <summary>SHA-512, 64 octets: <c>SCRAM-SHA-512</c>.</summary>
    Sha512,
}
