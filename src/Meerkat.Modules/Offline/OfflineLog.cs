using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Offline;

internal static partial class OfflineLog
{
    [LoggerMessage(LogLevel.Error, "A message {Id} for {Account} could not be stored")]
    public static partial void NotStored(ILogger logger, Exception failure, string? id, BareJid account);

    [LoggerMessage(LogLevel.Error, "The sender of {Id} for {Account} could not be told what became of it")]
    public static partial void Untold(ILogger logger, Exception failure, string? id, BareJid account);

    [LoggerMessage(LogLevel.Error, "Messages that wait for {Account} could not be delivered; they stay where they are")]
    public static partial void NotDelivered(ILogger logger, Exception failure, BareJid account);

    [LoggerMessage(LogLevel.Error, "Row {Id} of {Account} in the offline store is no message and was removed")]
    public static partial void Unreadable(ILogger logger, long id, BareJid account);
}
