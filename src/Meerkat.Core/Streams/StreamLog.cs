using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Streams;

internal static partial class StreamLog
{
    [LoggerMessage(LogLevel.Debug, "Stream {StreamId} from {Remote} ends with {Condition}")]
    public static partial void Failed(ILogger logger, string streamId, object? remote, string condition);

    [LoggerMessage(LogLevel.Information, "Session {Jid} opened on stream {StreamId} from {Remote} ({Transport}, {Mechanism})")]
    public static partial void Established(ILogger logger, Jid jid, string streamId, object? remote, string transport, string mechanism);

    [LoggerMessage(LogLevel.Information, "Session {Jid} resumed on stream {StreamId} from {Remote} ({Transport}, {Mechanism})")]
    public static partial void Resumed(ILogger logger, Jid jid, string streamId, object? remote, string transport, string mechanism);

    [LoggerMessage(LogLevel.Error, "IQ in {Namespace} on stream {StreamId} failed before authentication")]
    public static partial void IqFailed(ILogger logger, Exception failure, string @namespace, string streamId);

    [LoggerMessage(LogLevel.Information, "Stream {StreamId} from {Remote}: {Mechanism} of {Account} on {Domain} failed with {Condition}")]
    public static partial void AuthenticationFailed(ILogger logger, string streamId, object? remote, string mechanism, string account, string domain, string condition);

    [LoggerMessage(LogLevel.Error, "Stream {StreamId}: {Mechanism} could not be decided")]
    public static partial void AuthenticationBroken(ILogger logger, Exception failure, string streamId, string mechanism);
}
