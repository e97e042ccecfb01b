using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Mam;

internal static partial class MamLog
{
    [LoggerMessage(LogLevel.Error, "{Count} messages could not be archived")]
    public static partial void NotArchived(ILogger logger, Exception failure, int count);

    [LoggerMessage(LogLevel.Error, "The sender of {Id} could not be told that it was not archived")]
    public static partial void Untold(ILogger logger, Exception failure, string? id);

    [LoggerMessage(LogLevel.Error, "The queue of messages to archive was full for too long: {Id} is not in the archive of {Owner}")]
    public static partial void Full(ILogger logger, string? id, BareJid owner);

    [LoggerMessage(LogLevel.Warning, "The store does not take messages to archive now; it is tried again")]
    public static partial void TriedAgain(ILogger logger, Exception failure);

    [LoggerMessage(LogLevel.Error, "A retraction in the archive of {Owner} failed; the message is still there")]
    public static partial void NotRetracted(ILogger logger, Exception failure, BareJid owner);

    [LoggerMessage(LogLevel.Error, "Message {Id} in the archive of {Owner} is none")]
    public static partial void Unreadable(ILogger logger, long id, BareJid owner);

    [LoggerMessage(LogLevel.Error, "Old messages could not be removed from archives; it is tried again later")]
    public static partial void SweepFailed(ILogger logger, Exception failure);

    [LoggerMessage(LogLevel.Information, "{Count} messages were removed from archives of {Domain} because of their age")]
    public static partial void Swept(ILogger logger, long count, string domain);

    [LoggerMessage(LogLevel.Error, "A {Request} of the archive of {Owner} failed")]
    public static partial void RequestFailed(ILogger logger, Exception failure, string request, BareJid owner);

    [LoggerMessage(LogLevel.Warning, "The access rule {Rule} names the shaper {Shaper}, which is not under [shaper]: it holds nobody back")]
    public static partial void UnknownShaper(ILogger logger, string rule, string shaper);
}
