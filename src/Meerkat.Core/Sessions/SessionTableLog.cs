using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Sessions;

internal static partial class SessionTableLog
{
    [LoggerMessage(LogLevel.Error, "The table of sessions does not answer: {Reason}. Sessions that are bound go on, new ones are refused; trying again")]
    public static partial void Failed(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "The table of sessions is as it should be: {Removed} entries of sessions that are gone were taken away, {Added} were added")]
    public static partial void Compared(ILogger logger, int removed, int added);

    [LoggerMessage(LogLevel.Error, "The table of sessions did not answer within {Patience}: the server starts without it, and refuses sessions until it answers")]
    public static partial void StartedWithout(ILogger logger, TimeSpan patience);
}
