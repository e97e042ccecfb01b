using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Sessions;

internal static partial class SessionLog
{
    [LoggerMessage(LogLevel.Information, "Session {Jid} of stream {StreamId} ended: {Reason}")]
    public static partial void Ended(ILogger logger, Jid jid, string streamId, SessionEnd reason);

    [LoggerMessage(LogLevel.Error, "Session {Jid} of stream {StreamId} did not end cleanly")]
    public static partial void EndFailed(ILogger logger, Exception failure, Jid jid, string streamId);

    [LoggerMessage(LogLevel.Warning, "Session {Jid} of stream {StreamId} was replaced and has not ended after {Milliseconds} ms")]
    public static partial void ReplacedLingers(ILogger logger, Jid jid, string streamId, double milliseconds);

    [LoggerMessage(LogLevel.Error, "{Kind} {Id} that session {Jid} left behind could not be routed")]
    public static partial void RerouteFailed(ILogger logger, Exception failure, string kind, string? id, Jid jid);

    [LoggerMessage(LogLevel.Error, "Stanza {Kind} with id {Id} from {Jid} on stream {StreamId} failed")]
    public static partial void StanzaFailed(ILogger logger, Exception failure, string kind, string? id, Jid jid, string streamId);

    [LoggerMessage(LogLevel.Error, "IQ {Id} in {Namespace} from {From} to {To} failed")]
    public static partial void IqFailed(ILogger logger, Exception failure, string? id, string @namespace, Jid? from, Jid? to);

    [LoggerMessage(LogLevel.Warning, "Stanza {Kind} with id {Id} from {Jid} on stream {StreamId} was not served: {Reason}")]
    public static partial void StanzaNotServed(ILogger logger, string kind, string? id, Jid jid, string streamId, string reason);

    [LoggerMessage(LogLevel.Warning, "IQ {Id} in {Namespace} from {From} to {To} was not served: {Reason}")]
    public static partial void IqNotServed(ILogger logger, string? id, string @namespace, Jid? from, Jid? to, string reason);

    [LoggerMessage(LogLevel.Warning, "{Jid} could not be bound: {Reason}")]
    public static partial void NotBound(ILogger logger, Jid jid, string reason);
}
