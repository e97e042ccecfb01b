using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Telemetry;

internal static partial class TelemetryLog
{
    [LoggerMessage(1, LogLevel.Warning, "The collector of telemetry at {Collector} does not take what is sent ({Reason}); what it misses is lost, and nothing else is affected")]
    public static partial void CollectorAway(ILogger logger, Uri collector, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The collector of telemetry at {Collector} takes what is sent again")]
    public static partial void CollectorBack(ILogger logger, Uri collector);
}
