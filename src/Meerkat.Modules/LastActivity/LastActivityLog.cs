using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.LastActivity;

internal static partial class LastActivityLog
{
    [LoggerMessage(LogLevel.Error, "The last activity of {Account} could not be stored")]
    public static partial void NotStored(ILogger logger, Exception failure, BareJid account);

    [LoggerMessage(LogLevel.Error, "Who is there on {Host} could not be noted")]
    public static partial void NotSwept(ILogger logger, Exception failure, string host);
}
