using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.GraphQL;

internal static partial class GraphQLLog
{
    [LoggerMessage(LogLevel.Error, "The operation {Type}.{Field} failed")]
    public static partial void Crashed(ILogger logger, Exception failure, string type, string field);

    [LoggerMessage(LogLevel.Error, "A GraphQL request failed before it was executed")]
    public static partial void Failed(ILogger logger, Exception failure);
}
