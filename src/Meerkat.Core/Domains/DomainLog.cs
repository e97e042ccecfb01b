using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Domains;

internal static partial class DomainLog
{
    [LoggerMessage(LogLevel.Information, "The domain {Domain} of the host type {HostType} is served now")]
    public static partial void Opened(ILogger logger, string domain, string hostType);

    [LoggerMessage(LogLevel.Information, "The domain {Domain} is not served any more; its {Sessions} sessions end")]
    public static partial void Closed(ILogger logger, string domain, int sessions);

    [LoggerMessage(LogLevel.Information, "{Count} domains of the database are served")]
    public static partial void Loaded(ILogger logger, int count);

    [LoggerMessage(LogLevel.Error, "The domain {Domain} is both in general.hosts and in the database: the one of the database is ignored")]
    public static partial void IsStatic(ILogger logger, string domain);

    [LoggerMessage(LogLevel.Warning, "The domain {Domain} of the database has the host type {HostType}, which is not in general.host_types: it is not served")]
    public static partial void UnknownHostType(ILogger logger, string domain, string hostType);

    [LoggerMessage(LogLevel.Error, "The subdomain {Subdomain} is not served for a service of {Domain}, because the name is taken")]
    public static partial void SubdomainTaken(ILogger logger, string subdomain, string domain);

    [LoggerMessage(LogLevel.Warning, "Changes of domains were missed: all of them are read anew")]
    public static partial void Reloading(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "Changes of domains could not be read: {Reason}. The domains go on as they are")]
    public static partial void PollFailed(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "Changes of domains can be read again")]
    public static partial void PollsAgain(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "Old events of domains could not be removed: {Reason}")]
    public static partial void CleaningFailed(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Error, "A session of the domain {Domain}, which is not served any more, could not be ended")]
    public static partial void EndFailed(ILogger logger, Exception failure, string domain);

    [LoggerMessage(LogLevel.Error, "A module of the host type {HostType} could not forget the domain {Domain}, which is not served any more")]
    public static partial void CloseFailed(ILogger logger, Exception failure, string hostType, string domain);

    [LoggerMessage(LogLevel.Information, "The removal of the domain {Domain}, which was cut off, goes on")]
    public static partial void RemovalGoesOn(ILogger logger, string domain);

    [LoggerMessage(LogLevel.Information, "The domain {Domain} is removed, and its data are")]
    public static partial void Removed(ILogger logger, string domain);

    [LoggerMessage(LogLevel.Error, "The data of the domain {Domain} could not be removed; {Step} failed. It stays in status \"deleting\": remove it again")]
    public static partial void RemovalFailed(ILogger logger, Exception failure, string domain, string step);
}
