using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Accounts;

internal static partial class AuthLog
{
    [LoggerMessage(1, LogLevel.Error, "The authentication method {Method} failed for {Account}; it counts as a no")]
    public static partial void MethodFailed(ILogger logger, AuthMethod method, string account, Exception error);

    [LoggerMessage(2, LogLevel.Warning, "auth.{Method} of {HostType} says of every account that it exists: none can be registered, and an unknown address is not refused (AUTH-194)")]
    public static partial void EverybodyExists(ILogger logger, string method, string hostType);

    [LoggerMessage(3, LogLevel.Warning, "auth.dummy of {HostType} lets everybody in with any password, also where the methods beside it refuse (AUTH-195)")]
    public static partial void DummyBesideOthers(ILogger logger, string hostType);
}
