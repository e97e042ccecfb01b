using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Caps;

internal static partial class CapsLog
{
    [LoggerMessage(LogLevel.Error, "The capabilities of {Jid} could not be learned")]
    public static partial void Failed(ILogger logger, Exception failure, Jid jid);

    [LoggerMessage(LogLevel.Debug, "{Jid} did not prove its hash {Algorithm} {Value}")]
    public static partial void NotProved(ILogger logger, Jid jid, string algorithm, string value);
}
