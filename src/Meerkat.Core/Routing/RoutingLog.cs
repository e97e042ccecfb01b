using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Routing;

internal static partial class RoutingLog
{
    [LoggerMessage(LogLevel.Debug, "No route to {Domain}")]
    public static partial void NoRoute(ILogger logger, string domain);
}
