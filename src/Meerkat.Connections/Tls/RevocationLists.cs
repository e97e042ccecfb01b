using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace Meerkat.Connections.Tls;

/// <summary>The revocation lists of a listener (<c>crl_files</c>, CONF-289, CORE-055): files that are read again when they change. Safe for concurrent use.</summary>
/// <remarks>
/// Where lists are configured they decide: a certificate is refused when a list names it, and also when there is no list of its issuer that is signed by it and not out of date
/// (RFC 5280 §6.3). The framework asks only the network for lists; these are compared here.
/// </remarks>
internal sealed class RevocationLists
{
    // As certificates: a change holds within 120 s (CORE-056).
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(60);

    private readonly IReadOnlyList<string> _files;
    private readonly TimeProvider _time;
    private readonly Action<string, string> _unreadable;
    private readonly Lock _gate = new();
    private IReadOnlyList<X509Crl> _lists;
    private DateTime[] _written;
    private DateTimeOffset _looked;

    /// <param name="files">PEM or DER; at least one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="unreadable">Told of a file that changed and cannot be read, and why: what was read before holds on.</param>
    /// <exception cref="CryptographicException">A file holds no list.</exception>
    public RevocationLists(IReadOnlyList<string> files, TimeProvider time, Action<string, string> unreadable)
    {
        _files = files;
        _time = time;
        _unreadable = unreadable;
        _looked = time.GetUtcNow();
        _written = [.. files.Select(File.GetLastWriteTimeUtc)];
        _lists = [.. files.SelectMany(Read)];
    }

    /// <summary>Whether no certificate of a chain is revoked.</summary>
    /// <param name="chain">From the client's certificate to the root; the root itself is trusted by configuration and not looked up.</param>
    public bool Allow(IReadOnlyList<X509Certificate2> chain)
    {
        var lists = Current();
        for (var i = 0; i + 1 < chain.Count; i++)
        {
            if (!IsGood(chain[i], chain[i + 1], lists))
            {
                return false;
            }
        }

        return chain.Count > 1;
    }

    private bool IsGood(X509Certificate2 certificate, X509Certificate2 issuer, IReadOnlyList<X509Crl> lists)
    {
        var subject = DotNetUtilities.FromX509Certificate(certificate);
        var key = DotNetUtilities.FromX509Certificate(issuer).GetPublicKey();
        var now = _time.GetUtcNow().UtcDateTime;
        var answered = false;
        foreach (var list in lists.Where(list => list.IssuerDN.Equivalent(subject.IssuerDN) && list.ThisUpdate <= now && (list.NextUpdate is not { } next || next >= now)))
        {
            if (!list.IsSignatureValid(key))
            {
                continue; // somebody else of that name
            }

            if (list.IsRevoked(subject))
            {
                return false;
            }

            answered = true;
        }

        return answered;
    }

    private IReadOnlyList<X509Crl> Current()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (now - _looked < s_lookEvery)
            {
                return _lists;
            }

            _looked = now;
            DateTime[] written = [.. _files.Select(File.GetLastWriteTimeUtc)];
            if (!written.SequenceEqual(_written))
            {
                try
                {
                    _lists = [.. _files.SelectMany(Read)];
                    _written = written;
                }
                catch (Exception broken) when (broken is CryptographicException or IOException or UnauthorizedAccessException)
                {
                    _unreadable(string.Join(", ", _files), broken.Message);
                }
            }

            return _lists;
        }
    }

    private static IList<X509Crl> Read(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return new X509CrlParser().ReadCrls(stream) is { Count: > 0 } lists ? lists : throw new CryptographicException($"{file} holds no revocation list");
        }
        catch (Exception broken) when (broken is GeneralSecurityException or ArgumentException)
        {
            throw new CryptographicException($"{file} holds no revocation list: {broken.Message}", broken);
        }
    }
}
