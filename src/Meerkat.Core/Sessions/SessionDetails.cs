using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>How an operation on sessions went. The words of the reference's interfaces are these names in <c>snake_case</c>.</summary>
public enum SessionResult
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>There is no such account.</summary>
    UserNotFound,

    /// <summary>The account has no session with that resource.</summary>
    NoSession,

    /// <summary>The account has fewer sessions than that.</summary>
    WrongResNumber,

    /// <summary>A resource is needed, and none was given.</summary>
    EmptyResource,
}

/// <summary>A session as administrators see it (GQA-SESSION-01).</summary>
/// <param name="User">Its address.</param>
/// <param name="Connection"><c>tls</c> where the connection is encrypted, else <c>tcp</c>; null for a session without a connection.</param>
/// <param name="Ip">The peer's address; null when it has none.</param>
/// <param name="Port">The peer's port; null when it has none.</param>
/// <param name="Priority">Priority of its presence, 0 before the first one; null after <c>unavailable</c>.</param>
/// <param name="Node">The node that it lives on.</param>
/// <param name="Uptime">How long it has been bound.</param>
public sealed record SessionDetails(FullJid User, string? Connection, string? Ip, int? Port, int? Priority, string Node, TimeSpan Uptime);

/// <summary>What a session says of itself (GQA-SESSION-06).</summary>
/// <param name="User">Its address.</param>
/// <param name="Priority">Its priority, or null.</param>
/// <param name="Text">Text of <c>status</c>; empty for none.</param>
public sealed record SessionStatus(FullJid User, int? Priority, string Text);

/// <summary>One session that was to be ended.</summary>
/// <param name="User">Its address.</param>
/// <param name="Result"><see cref="SessionResult.Ok"/> or <see cref="SessionResult.NoSession"/>.</param>
public sealed record KickedSession(FullJid User, SessionResult Result);
