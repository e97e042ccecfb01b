using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.VCard;

internal static partial class VCardLog
{
    [LoggerMessage(LogLevel.Error, "The stored vCard of {Account} is damaged")]
    public static partial void Damaged(ILogger logger, Exception damage, BareJid account);
}
