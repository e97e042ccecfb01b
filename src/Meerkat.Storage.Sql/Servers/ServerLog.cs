using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Sql.Servers;

internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Error, "The database {Pool} is gone: {Reason}; trying to reach it")]
    public static partial void Gone(ILogger logger, string pool, string reason);

    [LoggerMessage(2, LogLevel.Debug, "The database {Pool} is still gone: {Reason}")]
    public static partial void StillGone(ILogger logger, string pool, string reason);

    [LoggerMessage(3, LogLevel.Information, "The database {Pool} is back after {Outage}")]
    public static partial void Back(ILogger logger, string pool, TimeSpan outage);

    [LoggerMessage(4, LogLevel.Warning, "Waiting for the database {Pool}: {Reason}")]
    public static partial void Waiting(ILogger logger, string pool, string reason);
}
