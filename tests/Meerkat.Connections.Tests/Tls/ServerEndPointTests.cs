using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Meerkat.Connections.Tls;
using Xunit;

namespace Meerkat.Connections.Tests.Tls;

/// <summary>RFC 5929 §4.1.</summary>
public sealed class ServerEndPointTests
{
    [Theory]
    [InlineData("ecdsa", "SHA256", "SHA256")]
    [InlineData("ecdsa", "SHA384", "SHA384")]
    [InlineData("ecdsa", "SHA512", "SHA512")]
    [InlineData("rsa", "SHA256", "SHA256")]
    [InlineData("rsa", "SHA384", "SHA384")]
    [InlineData("rsa", "SHA512", "SHA512")]
    [InlineData("pss", "SHA256", "SHA256")]
    [InlineData("pss", "SHA384", "SHA384")]
    [InlineData("pss", "SHA512", "SHA512")]
    public void The_hash_of_the_signature_is_the_hash_of_the_certificate(string key, string signedWith, string hashedWith)
    {
        var hash = new HashAlgorithmName(signedWith);
        using var certificate = key switch
        {
            "ecdsa" => TestCertificates.Ecdsa(hash),
            "rsa" => TestCertificates.Rsa(hash, RSASignaturePadding.Pkcs1),
            _ => TestCertificates.Rsa(hash, RSASignaturePadding.Pss),
        };

        Assert.Equal(CryptographicOperations.HashData(new HashAlgorithmName(hashedWith), certificate.RawData), ServerEndPoint.Hash(certificate).ToArray());
    }

    // What Python's cryptography and OpenSSL would hash: the DER of the certificate, nothing less.
    [Fact]
    public async Task The_hash_is_the_fingerprint_that_openssl_prints()
    {
        using var certificate = TestCertificates.Ecdsa();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
            var printed = await ForeignClient.RunAsync("openssl", ["x509", "-in", file, "-noout", "-fingerprint", "-sha256"]);

            Assert.Equal(printed.Split('=')[1].Trim().Replace(":", "", StringComparison.Ordinal), Convert.ToHexString(ServerEndPoint.Hash(certificate).Span));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("-newkey rsa:2048")]
    [InlineData("-newkey rsa:2048 -sigopt rsa_padding_mode:pss")]
    [InlineData("-newkey ec -pkeyopt ec_paramgen_curve:prime256v1")]
    public async Task A_signature_with_sha_1_is_too_weak_so_sha_256_takes_its_place(string options)
    {
        using var certificate = await OpenSslCertificateAsync(["-sha1", .. options.Split(' ')]);

        Assert.Equal(SHA256.HashData(certificate.RawData), ServerEndPoint.Hash(certificate).ToArray());
    }

    // RFC 5929 defines nothing for a signature without a hash of its own.
    [Fact]
    public async Task An_ed25519_certificate_has_none()
    {
        using var certificate = await OpenSslCertificateAsync("-newkey", "ed25519");

        Assert.True(ServerEndPoint.Hash(certificate).IsEmpty);
    }

    /// <summary>Some certificates are not to be had from the framework.</summary>
    private static async Task<X509Certificate2> OpenSslCertificateAsync(params string[] options)
    {
        var key = Path.GetTempFileName();
        try
        {
            return X509Certificate2.CreateFromPem(await ForeignClient.RunAsync("openssl", ["req", "-x509", "-nodes", "-subj", "/CN=localhost", "-keyout", key, .. options]));
        }
        finally
        {
            File.Delete(key);
        }
    }
}
