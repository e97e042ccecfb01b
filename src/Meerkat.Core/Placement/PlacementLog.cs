using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Placement;

internal static partial class PlacementLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "a command to {Kind} {Key} failed")]
    public static partial void Failed(ILogger log, Exception failure, string kind, string key);
}
