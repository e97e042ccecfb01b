using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Cassandra.Connections;

internal static partial class CassandraLog
{
    [LoggerMessage(1, LogLevel.Error, "Cassandra ({Pool}): the server {Server} is gone: {Reason}; trying to reach it")]
    public static partial void Gone(ILogger logger, string pool, string server, string reason);

    [LoggerMessage(2, LogLevel.Debug, "Cassandra ({Pool}): the server {Server} is still gone: {Reason}")]
    public static partial void StillGone(ILogger logger, string pool, string server, string reason);

    [LoggerMessage(3, LogLevel.Information, "Cassandra ({Pool}): the server {Server} is back after {Outage}")]
    public static partial void Back(ILogger logger, string pool, string server, TimeSpan outage);

    [LoggerMessage(4, LogLevel.Warning, "Cassandra ({Pool}): waiting for a server: {Reason}")]
    public static partial void Waiting(ILogger logger, string pool, string reason);

    [LoggerMessage(5, LogLevel.Information, "Cassandra ({Pool}): {Step}")]
    public static partial void Migrated(ILogger logger, string pool, string step);
}
