using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Bosh;

internal static partial class BoshLog
{
    [LoggerMessage(LogLevel.Debug, "BOSH session of stream {StreamId} ends with {Condition}")]
    public static partial void Ended(ILogger logger, string streamId, string condition);

    [LoggerMessage(LogLevel.Error, "BOSH session of stream {StreamId} broke")]
    public static partial void Broken(ILogger logger, Exception failure, string streamId);
}
