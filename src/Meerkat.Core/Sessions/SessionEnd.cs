using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>Why a session ended.</summary>
/// <param name="Reason">The cause.</param>
/// <param name="Error">The stream error that was sent; null when none was.</param>
public sealed record SessionEnd(SessionEndReason Reason, StreamError? Error = null)
{
    /// <summary>The client closed its stream (CORE-047).</summary>
    public static readonly SessionEnd Closed = new(SessionEndReason.Closed);

    /// <summary>The transport was lost.</summary>
    public static readonly SessionEnd Lost = new(SessionEndReason.Lost);

    /// <summary>Nobody resumed the session in time.</summary>
    public static readonly SessionEnd Expired = new(SessionEndReason.Expired);

    /// <summary>The text that the broadcast of <c>unavailable</c> carries (CORE-169); null for a normal end.</summary>
    public string? Status => Reason switch
    {
        SessionEndReason.Closed => null,
        SessionEndReason.Lost or SessionEndReason.Expired => "Shutdown by reason: socket_closed",
        SessionEndReason.Replaced => "Replaced by new connection",
        SessionEndReason.TooManyAttempts => "Too many attempts",
        SessionEndReason.Shutdown => "Shutdown by reason: system_shutdown",
        _ => Error?.Condition is { } condition ? $"Shutdown by reason: {condition}" : "Unknown condition",
    };

    /// <summary>The cause and the condition of the stream error, as the log has them.</summary>
    public override string ToString() => Error is null ? Reason.ToString() : $"{Reason}, {Error.Condition}";
}

/// <summary>The causes of a session's end.</summary>
public enum SessionEndReason
{
    /// <summary>The client closed its stream.</summary>
    Closed,

    /// <summary>The transport was lost.</summary>
    Lost,

    /// <summary>Nobody resumed it in time.</summary>
    Expired,

    /// <summary>Another session bound the same full JID.</summary>
    Replaced,

    /// <summary>The session lives on in another one (XEP-0198 §5).</summary>
    Resumed,

    /// <summary>An administrator or a limit ended it.</summary>
    Kicked,

    /// <summary>The client made too many mistakes.</summary>
    TooManyAttempts,

    /// <summary>The client broke the protocol.</summary>
    StreamError,

    /// <summary>The server stops.</summary>
    Shutdown,
}
