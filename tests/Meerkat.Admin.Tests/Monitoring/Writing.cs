using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.Tests.Monitoring;

/// <summary>Writes into a log as those do who use generated methods.</summary>
internal static class Writing
{
    public static void Write(this ILogger log, LogLevel level, string text, Exception? failure = null) => log.Log(level, default, text, failure, static (state, _) => state);
}
