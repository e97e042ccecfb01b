using Meerkat.Core.Cluster;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

internal static partial class ServerLog
{
    [LoggerMessage(LogLevel.Error, "The subdomain {Name} is served already; the first that took it keeps it")]
    public static partial void SubdomainTaken(ILogger logger, string name);

    [LoggerMessage(LogLevel.Warning, "There are host types in general.host_types, but no section [services.service_domain_db]: no domain can be added to them")]
    public static partial void NoDomainService(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Meerkat {Version} started")]
    public static partial void Started(ILogger logger, string version);

    [LoggerMessage(LogLevel.Information, "Meerkat stopped; {Sessions} sessions were ended")]
    public static partial void Stopped(ILogger logger, int sessions);

    [LoggerMessage(LogLevel.Information, "This node was told to {Order}")]
    public static partial void Told(ILogger logger, NodeOrder order);

    [LoggerMessage(LogLevel.Warning, "This node cannot join anew yet, and tries again: {Reason}")]
    public static partial void CannotJoinYet(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "The channel binding tls-exporter is not offered: {Reason}")]
    public static partial void NoExporter(ILogger logger, string reason);
}
