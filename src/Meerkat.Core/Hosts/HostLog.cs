using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Hosts;

internal static partial class HostLog
{
    [LoggerMessage(LogLevel.Error, "A module of the host type {HostType} could not finish what it had to do before the server stops")]
    public static partial void EndFailed(ILogger logger, Exception failure, string hostType);
}
