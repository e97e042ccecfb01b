using System.Net;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Registration;

internal static partial class RegistrationLog
{
    [LoggerMessage(LogLevel.Information, "{Account} was registered from {Remote}")]
    public static partial void Registered(ILogger logger, BareJid account, IPAddress? remote);

    [LoggerMessage(LogLevel.Information, "{Account} removed itself: {Result}")]
    public static partial void Removed(ILogger logger, BareJid account, Core.Accounts.AccountResult result);

    // Not the name that was asked for: people type their password there.
    [LoggerMessage(LogLevel.Debug, "A registration on {Domain} from {Remote} was refused: {Condition}")]
    public static partial void Refused(ILogger logger, BareJid domain, IPAddress? remote, string condition);

    [LoggerMessage(LogLevel.Error, "{Account} was registered, but not everybody who should could be told")]
    public static partial void NotTold(ILogger logger, Exception failure, BareJid account);
}
