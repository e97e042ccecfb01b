using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Tls;

internal static partial class TlsLog
{
    [LoggerMessage(LogLevel.Information, "Certificate {File} was read again")]
    public static partial void CertificateReloaded(ILogger logger, string file);

    [LoggerMessage(LogLevel.Warning, "Certificate {File} has changed but cannot be used: {Reason}. The old one serves on")]
    public static partial void CertificateUnreadable(ILogger logger, string file, string reason);

    [LoggerMessage(LogLevel.Debug, "TLS handshake with {Remote} failed: {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, object? remote, string reason);

    [LoggerMessage(LogLevel.Error, "The revocation lists {Files} changed and cannot be read: {Reason}. What was read before holds on")]
    public static partial void ListsUnreadable(ILogger logger, string files, string reason);
}
