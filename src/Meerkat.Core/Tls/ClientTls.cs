using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Meerkat.Core.Tls;

/// <summary>What a <c>tls</c> table means for a connection to one host: our certificate, and the judgement of the host's. Immutable; reads its files when made.</summary>
public sealed class ClientTls
{
    private readonly ClientTlsOptions _options;
    private readonly X509Certificate2Collection? _trusted;

    /// <summary>Reads the files.</summary>
    /// <param name="options">The table.</param>
    /// <param name="host">The host that is connected to.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file is not what it should be.</exception>
    public ClientTls(ClientTlsOptions options, string host)
    {
        _options = options;
        ServerName = options.ServerNameIndication.Enabled ? options.ServerNameIndication.Host ?? host : null;
        Versions = options.Versions.Aggregate(SslProtocols.None, (all, version) => all | (version is TlsVersion.Tls12 ? SslProtocols.Tls12 : SslProtocols.Tls13));
        if (options.CaCertFile is not null)
        {
            _trusted = [];
            _trusted.ImportFromPemFile(options.CaCertFile);
        }

        if (options.CertFile is not null)
        {
            Certificates.Add(options.Password is null
                ? X509Certificate2.CreateFromPemFile(options.CertFile, options.KeyFile)
                : X509Certificate2.CreateFromEncryptedPemFile(options.CertFile, options.Password, options.KeyFile));
        }
    }

    /// <summary>The name to ask for and to expect; null for none.</summary>
    public string? ServerName { get; }

    /// <summary>Our own certificate, or none.</summary>
    public X509Certificate2Collection Certificates { get; } = [];

    /// <summary>The versions allowed.</summary>
    public SslProtocols Versions { get; }

    /// <summary>Writes it all into the options of a handshake.</summary>
    public void Apply(SslClientAuthenticationOptions handshake)
    {
        handshake.TargetHost = ServerName ?? "";
        handshake.EnabledSslProtocols = Versions;
        handshake.ClientCertificates = Certificates.Count > 0 ? Certificates : handshake.ClientCertificates;
        handshake.RemoteCertificateValidationCallback = Accepts;
    }

    /// <summary>Judges the server's certificate. A <see cref="RemoteCertificateValidationCallback"/>.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_options.VerifyMode is TlsVerifyMode.None)
        {
            return true;
        }

        if (certificate is null)
        {
            return false;
        }

        using var judged = X509CertificateLoader.LoadCertificate(certificate.Export(X509ContentType.Cert));
        if (_options.VerifyMode is TlsVerifyMode.SelfSignedPeer && judged.SubjectName.RawData.AsSpan().SequenceEqual(judged.IssuerName.RawData))
        {
            return true;
        }

        return IsTrusted(judged, chain) && (ServerName is null || judged.MatchesHostname(ServerName, _options.ServerNameIndication.Protocol is ServerNameMatching.Https, allowCommonName: false));
    }

    private bool IsTrusted(X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // as for clients' certificates: revocation lists are not fetched
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1")); // a server's
        if (_trusted is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(_trusted);
        }

        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }
}
