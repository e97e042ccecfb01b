using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Tls;

/// <summary>A certificate with its chain, ready for handshakes, read again when its files change (CORE-056). Safe for concurrent use.</summary>
public sealed class ServerCertificate
{
    /// <summary>How often the files are looked at, at most.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    private readonly Func<Loaded> _load;
    private readonly IReadOnlyList<string> _files;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private Loaded _current;
    private DateTime _stamp;
    private long _checked;

    private ServerCertificate(Func<Loaded> load, IReadOnlyList<string> files, TimeProvider time, ILogger log)
    {
        _load = load;
        _files = files;
        _time = time;
        _log = log;
        _current = load();
        _stamp = Stamp();
        _checked = time.GetTimestamp();
        CertificateMetrics.Add(files[0], this);
    }

    /// <summary>How long it still holds; negative when it has ended.</summary>
    public TimeSpan Remaining => _current.NotAfter - _time.GetUtcNow();

    /// <summary>The certificate for handshakes.</summary>
    public SslStreamCertificateContext Context => Current().Context;

    /// <summary>Hash of the certificate for <c>tls-server-end-point</c> (RFC 5929 §4).</summary>
    public ReadOnlyMemory<byte> EndPointHash => Current().EndPointHash;

    /// <summary>Reads a certificate with its chain and its key from PEM files.</summary>
    /// <param name="certFile">Certificate, then its chain.</param>
    /// <param name="keyFile">Private key.</param>
    /// <param name="password">Of the key; null when it is not encrypted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Tells about certificates read again.</param>
    /// <exception cref="CryptographicException">The files hold no certificate and matching key.</exception>
    public static ServerCertificate FromFiles(string certFile, string keyFile, string? password, TimeProvider time, ILogger log) =>
        new(() => Load(certFile, keyFile, password), [certFile, keyFile], time, log);

    /// <summary>A certificate that the server signed itself, kept in a folder so that clients which remember it see the same after a restart.</summary>
    /// <param name="folder">Where it is kept.</param>
    /// <param name="domains">The names in it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Tells about certificates read again.</param>
    public static ServerCertificate SelfSigned(string folder, IReadOnlyList<string> domains, TimeProvider time, ILogger log)
    {
        var certFile = Path.Combine(folder, "self-signed.crt");
        var keyFile = Path.Combine(folder, "self-signed.key");
        if (!IsUsable(certFile, keyFile, domains, time))
        {
            Create(certFile, keyFile, domains, time);
        }

        return FromFiles(certFile, keyFile, null, time, log);
    }

    private static bool IsUsable(string certFile, string keyFile, IReadOnlyList<string> domains, TimeProvider time)
    {
        if (!File.Exists(certFile) || !File.Exists(keyFile))
        {
            return false;
        }

        using var certificate = X509CertificateLoader.LoadCertificateFromFile(certFile);
        return certificate.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime.AddDays(7)
            && domains.All(domain => certificate.MatchesHostname(Xmpp.Idna.TryToAscii(domain, out var ascii) ? ascii : domain));
    }

    private static void Create(string certFile, string keyFile, IReadOnlyList<string> domains, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={domains[0]}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var domain in domains)
        {
            names.AddDnsName(Xmpp.Idna.TryToAscii(domain, out var ascii) ? ascii : domain);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(2));
        Directory.CreateDirectory(Path.GetDirectoryName(certFile)!);

        // The key first, and readable by nobody else from its first byte on.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(keyFile, options))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        }

        File.WriteAllText(certFile, certificate.ExportCertificatePem());
    }

    private static Loaded Load(string certFile, string keyFile, string? password)
    {
        using var pem = password is null
            ? X509Certificate2.CreateFromPemFile(certFile, keyFile)
            : X509Certificate2.CreateFromEncryptedPemFile(certFile, password, keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certFile);
        chain.RemoveAt(0);

        // A key that came from PEM is ephemeral; by way of PKCS#12 it is what the handshake wants everywhere.
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        return new Loaded(SslStreamCertificateContext.Create(certificate, chain, offline: true), ServerEndPoint.Hash(certificate), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
    }

    private Loaded Current()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _checked)) < CheckInterval)
        {
            return _current;
        }

        lock (_gate)
        {
            Volatile.Write(ref _checked, _time.GetTimestamp());
            if (Stamp() is var stamp && stamp != _stamp)
            {
                try
                {
                    _current = _load();
                    _stamp = stamp;
                    TlsLog.CertificateReloaded(_log, _files[0]);
                }
                catch (Exception unreadable) when (unreadable is CryptographicException or IOException)
                {
                    // Half-written files, or a wrong pair: the old certificate serves on, and the files are looked at again.
                    TlsLog.CertificateUnreadable(_log, _files[0], unreadable.Message);
                }
            }

            return _current;
        }
    }

    private DateTime Stamp() => _files.Max(File.GetLastWriteTimeUtc);

    private sealed record Loaded(SslStreamCertificateContext Context, ReadOnlyMemory<byte> EndPointHash, DateTimeOffset NotAfter);
}
