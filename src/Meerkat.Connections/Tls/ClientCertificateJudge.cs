using Meerkat.Core.Tls;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Meerkat.Connections.Tls;

/// <summary>Whether a client's certificate is taken (CORE-053, CORE-054). Safe for concurrent use.</summary>
/// <param name="options">The listener's <c>tls</c> table.</param>
public sealed class ClientCertificateJudge(TlsOptions options)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection? _trusted = LoadTrusted(options.CaCertFile);

    /// <summary>As a callback of the framework: whether the handshake goes on.</summary>
    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        options.VerifyMode is TlsVerifyMode.None || !options.DisconnectOnFailure || IsTrusted(certificate as X509Certificate2, chain, errors);

    /// <summary>Whether a certificate passes; without one, no.</summary>
    public bool IsTrusted(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return false;
        }

        if (options.VerifyMode is TlsVerifyMode.SelfSignedPeer && certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData))
        {
            return IsSignedByItself(certificate);
        }

        return _trusted is null ? errors is SslPolicyErrors.None : HasTrustedRoot(certificate, chain, _trusted);
    }

    private static X509Certificate2Collection? LoadTrusted(string? file)
    {
        if (file is null)
        {
            return null;
        }

        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(file);
        return trusted;
    }

    // As its own root the chain checks signature and dates.
    private static bool IsSignedByItself(X509Certificate2 certificate) => HasTrustedRoot(certificate, null, [certificate]);

    private static bool HasTrustedRoot(X509Certificate2 certificate, X509Chain? chain, X509Certificate2Collection trusted)
    {
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(trusted);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        if (chain is not null)
        {
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        }

        return own.Build(certificate);
    }
}
