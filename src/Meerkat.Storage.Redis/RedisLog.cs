using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Redis;

internal static partial class RedisLog
{
    [LoggerMessage(1, LogLevel.Error, "Redis ({Pool}) is gone: {Reason}; trying to reach it")]
    public static partial void Gone(ILogger logger, string pool, string reason);

    [LoggerMessage(2, LogLevel.Information, "Redis ({Pool}) is there")]
    public static partial void Back(ILogger logger, string pool);
}
