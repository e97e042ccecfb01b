using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Inbox;

internal static partial class InboxLog
{
    [LoggerMessage(LogLevel.Error, "{Count} changes of inboxes could not be written; their messages went on")]
    public static partial void NotWritten(ILogger logger, Exception failure, int count);

    [LoggerMessage(LogLevel.Error, "Bins of inboxes could not be emptied; it is tried again later")]
    public static partial void NotCleaned(ILogger logger, Exception failure);
}
