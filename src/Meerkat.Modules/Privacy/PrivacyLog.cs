using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Privacy;

internal static partial class PrivacyLog
{
    [LoggerMessage(LogLevel.Error, "A stanza to {Session} was denied by its privacy list, and the answer could not be sent")]
    public static partial void NotAnswered(ILogger logger, Exception failure, Jid session);
}
