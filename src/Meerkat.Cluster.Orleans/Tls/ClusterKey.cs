using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Meerkat.Cluster.Orleans.Tls;

/// <summary>The key pair that all nodes of a cluster make from its secret, and a certificate with it. Who can show that it has the key knows the secret, and gives nothing of it away.</summary>
/// <remarks>
/// The secret is stretched first: whoever connects to a node gets to see the public key, and could try words against it. The certificate's names and times say nothing and are not looked at;
/// a clock that is wrong keeps nobody out.
/// </remarks>
internal sealed class ClusterKey : IDisposable
{
    private const int Rounds = 600_000; // PBKDF2 with SHA-256 as OWASP has it in 2023
    private const int KeyBytes = 48; // so that what the remainder prefers is not worth mention

    private static readonly BigInteger s_order = new(Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true); // of P-256

    private readonly byte[] _publicKey;

    private ClusterKey(X509Certificate2 certificate)
    {
        Certificate = certificate;
        _publicKey = certificate.PublicKey.ExportSubjectPublicKeyInfo();
    }

    /// <summary>A certificate with the private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The key of a secret. Takes a few tenths of a second.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="cluster">The cluster's name: clusters of the same secret have different keys.</param>
    /// <param name="time">The clock, for what stands in the certificate.</param>
    public static ClusterKey Make(string secret, string cluster, TimeProvider time)
    {
        var stretched = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes("meerkat cluster " + cluster), Rounds, HashAlgorithmName.SHA256, KeyBytes);
        var scalar = (new BigInteger(stretched, isUnsigned: true, isBigEndian: true) % (s_order - 1)) + 1;
        CryptographicOperations.ZeroMemory(stretched);
        var d = new byte[32];
        var bytes = scalar.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(d, d.Length - bytes.Length);
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
        CryptographicOperations.ZeroMemory(d);
        var request = new CertificateRequest("CN=meerkat-node", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        var now = time.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddYears(-1), now.AddYears(20));

        // Once out and in: a key that lives in memory alone is not taken everywhere.
        return new ClusterKey(X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null));
    }

    /// <summary>Whether somebody showed a certificate with this key. That it has the private one too, the handshake has proved.</summary>
    public bool Fits(X509Certificate? shown)
    {
        if (shown is null)
        {
            return false;
        }

        using var certificate = shown is X509Certificate2 ? null : X509CertificateLoader.LoadCertificate(shown.GetRawCertData());
        return CryptographicOperations.FixedTimeEquals((certificate ?? (X509Certificate2)shown).PublicKey.ExportSubjectPublicKeyInfo(), _publicKey);
    }

    public void Dispose() => Certificate.Dispose();
}
