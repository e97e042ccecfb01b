using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Clients;

internal static partial class ClientLog
{
    [LoggerMessage(LogLevel.Debug, "Connection of stream {StreamId} was lost: {Reason}")]
    public static partial void Lost(ILogger logger, string streamId, string reason);

    [LoggerMessage(LogLevel.Error, "Connection of stream {StreamId} broke")]
    public static partial void Broken(ILogger logger, Exception failure, string streamId);
}
