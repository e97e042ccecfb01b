namespace Meerkat.Core.Sessions;

/// <summary>A session as administrators see it, on whatever node it lives.</summary>
/// <param name="Details">What is known of it.</param>
/// <param name="Show">What its presence shows: <c>available</c> without a <c>show</c>, <c>unavailable</c> without a presence.</param>
/// <param name="Status">Text of its presence's <c>status</c>; empty for none.</param>
public sealed record SessionReport(SessionDetails Details, string Show, string Status)
{
    /// <summary>What there is to say of a session of this node.</summary>
    public static SessionReport Of(Session session) => new(
        new SessionDetails(
            session.Jid,
            session.IsDetached || session.Info.Transport == MessageListener.Transport ? null : session.Info.IsEncrypted ? "tls" : "tcp",
            session.Info.Remote?.Address.ToString(),
            session.Info.Remote?.Port,
            session.Priority,
            session.Host.Server.Sessions.Node,
            session.Host.Server.Time.GetUtcNow() - session.Opened),
        SessionOperations.Show(session),
        session.Presence?.Status ?? "");
}
