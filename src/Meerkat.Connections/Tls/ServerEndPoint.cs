using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Meerkat.Connections.Tls;

/// <summary>The channel binding <c>tls-server-end-point</c>: a hash of the server's certificate (RFC 5929 §4.1).</summary>
public static class ServerEndPoint
{
    private const string Pss = "1.2.840.113549.1.1.10";

    /// <summary>Hashes a certificate with the hash of its signature; MD5 and SHA-1 are replaced by SHA-256.</summary>
    /// <returns>Empty where RFC 5929 defines no hash: the signature has none of its own, as Ed25519. The type is not offered then.</returns>
    /// <remarks>The same for every connection that shows the certificate: compute it when the certificate is loaded.</remarks>
    public static ReadOnlyMemory<byte> Hash(X509Certificate2 certificate) =>
        HashOf(certificate) is { } hash ? CryptographicOperations.HashData(hash, certificate.RawDataMemory.Span) : default(ReadOnlyMemory<byte>);

    private static HashAlgorithmName? HashOf(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" or "1.2.840.10040.4.3" => HashAlgorithmName.SHA256, // MD5 or SHA-1 with RSA; SHA-1 with ECDSA, DSA
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
        Pss => PssHash(certificate.RawDataMemory),
        _ => null,
    };

    /// <summary>RSASSA-PSS names its hash in its parameters (RFC 4055 §3.1), which stand in the outer <c>signatureAlgorithm</c> of the certificate.</summary>
    private static HashAlgorithmName? PssHash(ReadOnlyMemory<byte> der)
    {
        try
        {
            var certificate = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            certificate.ReadEncodedValue(); // tbsCertificate
            var algorithm = certificate.ReadSequence();
            algorithm.ReadObjectIdentifier();
            var parameters = algorithm.ReadSequence();
            var explicitHash = new Asn1Tag(TagClass.ContextSpecific, 0);
            if (!parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(explicitHash))
            {
                return HashAlgorithmName.SHA256; // left out means SHA-1, which is replaced
            }

            return parameters.ReadSequence(explicitHash).ReadSequence().ReadObjectIdentifier() switch
            {
                "1.3.14.3.2.26" or "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256, // SHA-1, SHA-256
                "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
                "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
                _ => null,
            };
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
