using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Accounts;

internal static partial class AuthLog
{
    [LoggerMessage(1, LogLevel.Error, "The authentication method {Method} failed for {Account}; it counts as a no")]
    public static partial void MethodFailed(ILogger logger, AuthMethod method, string account, Exception error);
}
