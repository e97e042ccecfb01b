using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Clients;

internal static partial class ListenerLog
{
    [LoggerMessage(LogLevel.Warning, "Accepting on {EndPoint} failed: {Reason}")]
    public static partial void AcceptFailed(ILogger logger, object endPoint, string reason);

    [LoggerMessage(LogLevel.Error, "Connection from {Remote} failed")]
    public static partial void ConnectionFailed(ILogger logger, Exception failure, object? remote);
}
