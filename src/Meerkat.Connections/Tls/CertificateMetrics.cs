using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Connections.Tls;

/// <summary>How long certificates still hold (OPS-132).</summary>
internal static class CertificateMetrics
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, WeakReference<ServerCertificate>> s_byFile = new(StringComparer.Ordinal);

    static CertificateMetrics() => ServerMetrics.Meter.CreateObservableGauge(
        "meerkat.tls.certificate.remaining", Read, "d", "Days until the certificate of a listener ends, by its file; negative when it has ended.");

    /// <summary>The certificate of a file serves; one of the same file did so before.</summary>
    public static void Add(string file, ServerCertificate certificate) => s_byFile[file] = new WeakReference<ServerCertificate>(certificate);

    private static IEnumerable<Measurement<double>> Read()
    {
        foreach (var (file, known) in s_byFile)
        {
            if (known.TryGetTarget(out var certificate))
            {
                yield return new Measurement<double>(Math.Round(certificate.Remaining.TotalDays, 2), new KeyValuePair<string, object?>("file", file));
            }
        }
    }
}
