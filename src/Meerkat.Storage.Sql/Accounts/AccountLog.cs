using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Sql.Accounts;

internal static partial class AccountLog
{
    [LoggerMessage(1, LogLevel.Error, "What is stored of the password of {Account} is corrupted: the account cannot log in until its password is set anew")]
    public static partial void Corrupted(ILogger logger, string account);
}
