using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Sql.Sqlite;

internal static partial class SqliteLog
{
    [LoggerMessage(1, LogLevel.Error, "A commit of {Count} writes failed; none of them took place")]
    public static partial void CommitFailed(ILogger logger, int count, Exception error);

    [LoggerMessage(2, LogLevel.Warning, "A broken database connection could not be closed")]
    public static partial void CloseFailed(ILogger logger, Exception error);
}
