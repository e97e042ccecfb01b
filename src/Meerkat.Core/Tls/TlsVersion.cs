using Meerkat.Core.Configuration;

namespace Meerkat.Core.Tls;

/// <summary>Versions of TLS (CONF-287).</summary>
public enum TlsVersion
{
    /// <summary>TLS 1.0.</summary>
    [ConfigName("tlsv1"), NotAvailable("TLS 1.0 is not allowed (RFC 8996)")]
    Tls10,

    /// <summary>TLS 1.1.</summary>
    [ConfigName("tlsv1.1"), NotAvailable("TLS 1.1 is not allowed (RFC 8996)")]
    Tls11,

    /// <summary>TLS 1.2.</summary>
    [ConfigName("tlsv1.2")]
    Tls12,

    /// <summary>TLS 1.3.</summary>
    [ConfigName("tlsv1.3")]
    Tls13,
}
