using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.MucLight;

internal static partial class MucLightLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "room {Room}: a {Kind} could not be delivered to {Occupant}")]
    public static partial void NotDelivered(ILogger log, Exception failure, BareJid room, string kind, Jid? occupant);
}
