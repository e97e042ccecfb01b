using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.WebSockets;

internal static partial class WebSocketLog
{
    [LoggerMessage(LogLevel.Debug, "WebSocket of stream {StreamId} was lost: {Reason}")]
    public static partial void Lost(ILogger logger, string streamId, string reason);

    [LoggerMessage(LogLevel.Error, "WebSocket of stream {StreamId} broke")]
    public static partial void Broken(ILogger logger, Exception failure, string streamId);
}
