using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>How many sessions an account may have (CORE-125).</summary>
internal static class SessionLimit
{
    private const int DefaultMaxSessions = 100;

    /// <summary>A session was bound: one too many ends the oldest.</summary>
    public static async ValueTask EnforceAsync(Session session, CancellationToken ct)
    {
        var jid = session.Jid;
        var limit = session.Host.Access.Limit("max_user_sessions", jid.Domain, jid.Local, jid.Domain, DefaultMaxSessions);
        var sessions = await session.Host.Server.Sessions.FindAsync(jid.Bare, ct);
        if (sessions.Count > limit)
        {
            sessions.MinBy(bound => bound.Order)?.Kick(StreamError.Replaced);
        }
    }
}
