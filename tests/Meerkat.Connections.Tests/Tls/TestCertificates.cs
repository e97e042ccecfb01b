using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Meerkat.Connections.Tests.Tls;

internal static class TestCertificates
{
    public static X509Certificate2 Ecdsa(HashAlgorithmName? hash = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Finish(new CertificateRequest("CN=localhost", key, hash ?? HashAlgorithmName.SHA256));
    }

    public static X509Certificate2 Rsa(HashAlgorithmName hash, RSASignaturePadding padding)
    {
        using var key = RSA.Create(2048);
        return Finish(new CertificateRequest("CN=localhost", key, hash, padding));
    }

    private static X509Certificate2 Finish(CertificateRequest request) => request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
}
