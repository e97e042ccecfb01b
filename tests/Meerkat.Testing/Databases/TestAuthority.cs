using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Meerkat.Testing.Databases;

/// <summary>A certificate authority of one test, and a server's certificate that it signed, as PEM files.</summary>
public sealed class TestAuthority
{
    public const string ServerName = "db.internal";

    public TestAuthority(string folder)
    {
        CaFile = Path.Combine(folder, "ca.pem");
        CertificateFile = Path.Combine(folder, "server.pem");
        KeyFile = Path.Combine(folder, "server.key");
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", caKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var ca = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=a database", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(ServerName);
        server.CertificateExtensions.Add(names.Build());
        server.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var signed = server.Create(ca, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(CaFile, ca.ExportCertificatePem());
        File.WriteAllText(CertificateFile, signed.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite); // PostgreSQL insists
        }
    }

    public string CaFile { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }
}
