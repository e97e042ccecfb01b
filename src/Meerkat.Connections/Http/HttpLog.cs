using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Http;

internal static partial class HttpLog
{
    [LoggerMessage(LogLevel.Error, "A request to {Endpoint} failed")]
    public static partial void EndpointFailed(ILogger logger, Exception failure, string endpoint);
}
