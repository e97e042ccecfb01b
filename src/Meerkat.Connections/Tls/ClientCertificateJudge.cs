using Meerkat.Core.Tls;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Tls;

/// <summary>Whether a client's certificate is taken (CORE-053, CORE-054). Safe for concurrent use.</summary>
/// <param name="options">The listener's <c>tls</c> table.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of revocation lists that cannot be read any more.</param>
/// <exception cref="CryptographicException">A file of <c>crl_files</c> holds no revocation list.</exception>
public sealed class ClientCertificateJudge(TlsOptions options, TimeProvider time, ILogger log)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly object s_passed = new();

    private readonly RevocationLists? _revoked = options.CrlFiles is [] ? null : new(options.CrlFiles, time, (files, why) => TlsLog.ListsUnreadable(log, files, why));
    private readonly X509Certificate2Collection? _trusted = LoadTrusted(options.CaCertFile);

    /// <summary>For an HTTP connection: whether the handshake goes on. <see cref="PassedOn"/> knows then whether the certificate passed, because one that did not may be let through (CORE-054).</summary>
    /// <param name="certificate">The client's, or null.</param>
    /// <param name="chain">Its chain.</param>
    /// <param name="errors">What the framework found.</param>
    /// <param name="connection">What is kept with the connection.</param>
    public bool Judge(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, IDictionary<object, object?> connection)
    {
        if (options.VerifyMode is TlsVerifyMode.None)
        {
            return true;
        }

        if (!IsTrusted(certificate, chain, errors))
        {
            return !options.DisconnectOnFailure;
        }

        connection[s_passed] = true;
        return true;
    }

    /// <summary>The client's certificate of an HTTP connection, if it passed; else null.</summary>
    public static X509Certificate2? PassedOn(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(s_passed) is true ? context.Connection.ClientCertificate : null;

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

        return _trusted is null
            ? errors is SslPolicyErrors.None && (_revoked is null || (chain is not null && _revoked.Allow([.. chain.ChainElements.Select(element => element.Certificate)])))
            : HasTrustedRoot(certificate, chain, _trusted, _revoked);
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
    private static bool IsSignedByItself(X509Certificate2 certificate) => HasTrustedRoot(certificate, null, [certificate], null);

    private static bool HasTrustedRoot(X509Certificate2 certificate, X509Chain? chain, X509Certificate2Collection trusted, RevocationLists? revoked)
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

        return own.Build(certificate) && (revoked is null || revoked.Allow([.. own.ChainElements.Select(element => element.Certificate)]));
    }
}
