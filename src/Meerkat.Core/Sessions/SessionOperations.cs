using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Meerkat.Core.Accounts;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>What an administrator may do to sessions (OPS-068, GQA-SESSION-01 to GQA-SESSION-10).</summary>
/// <remarks>Safe for concurrent use. Accounts are known by the stored methods only: an anonymous one is not found.</remarks>
/// <param name="server">The server.</param>
public sealed class SessionOperations(ServerContext server)
{
    /// <summary>What the client is told where the administrator gives no reason.</summary>
    public const string DefaultReason = "Kicked by the administrator";

    /// <summary>All sessions of a domain, by address.</summary>
    /// <param name="domain">The domain; null for all.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The sessions; null when the domain is not served here.</returns>
    public async ValueTask<IReadOnlyList<SessionDetails>?> ListAsync(string? domain, CancellationToken ct) => (await ReportAsync(domain, ct))?.Select(report => report.Details).ToArray();

    /// <summary>How many sessions a domain has.</summary>
    /// <returns>The number; null when the domain is not served here.</returns>
    public async ValueTask<int?> CountAsync(string? domain, CancellationToken ct)
    {
        if (domain is null)
        {
            return server.Sessions.Count + await server.Sessions.CountElsewhereAsync(null, ct);
        }

        return TryFind(domain, out var address) ? In(address).Count() + await server.Sessions.CountElsewhereAsync(address, ct) : null;
    }

    /// <summary>The sessions of an account, in the order of binding.</summary>
    /// <returns>The sessions; null when there is no such account.</returns>
    public async ValueTask<IReadOnlyList<SessionDetails>?> ListAsync(BareJid account, CancellationToken ct)
    {
        if (!await ExistsAsync(account, ct))
        {
            return null;
        }

        var sessions = await server.Sessions.FindAsync(account, ct);
        var elsewhere = (sessions.All(session => session is Session) ? [] : await server.Sessions.ListElsewhereAsync(account, ct)).ToLookup(report => report.Details.User, report => report.Details);
        return [.. sessions.Select(session => session is Session here ? SessionReport.Of(here).Details : elsewhere[session.Jid].FirstOrDefault()).OfType<SessionDetails>()];
    }

    /// <summary>The resource of an account's session by its number.</summary>
    /// <param name="account">The account.</param>
    /// <param name="number">1 is the session that was bound first.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns><see cref="SessionResult.Ok"/> and the resource, <see cref="SessionResult.UserNotFound"/> or <see cref="SessionResult.WrongResNumber"/>.</returns>
    public async ValueTask<(SessionResult Result, string? Resource)> FindResourceAsync(BareJid account, int number, CancellationToken ct)
    {
        if (!await ExistsAsync(account, ct))
        {
            return (SessionResult.UserNotFound, null);
        }

        var sessions = await server.Sessions.FindAsync(account, ct);
        return number >= 1 && number <= sessions.Count ? (SessionResult.Ok, sessions[number - 1].Jid.Resource) : (SessionResult.WrongResNumber, null);
    }

    /// <summary>The sessions of a domain whose presence shows a status, by address.</summary>
    /// <param name="domain">The domain; null for all.</param>
    /// <param name="show">Text of <c>show</c>; <c>available</c> for a presence without one, <c>unavailable</c> for sessions without presence.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The sessions; null when the domain is not served here.</returns>
    public async ValueTask<IReadOnlyList<SessionStatus>?> ListWithStatusAsync(string? domain, string show, CancellationToken ct) =>
        (await ReportAsync(domain, ct))?.Where(report => report.Show == show).Select(report => new SessionStatus(report.Details.User, report.Details.Priority, report.Status)).ToArray();

    /// <summary>Ends one session with <c>conflict</c> (CORE-039).</summary>
    /// <param name="jid">Its address.</param>
    /// <param name="reason">What the client is told; null or empty for <see cref="DefaultReason"/>.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns><see cref="SessionResult.Ok"/>, <see cref="SessionResult.NoSession"/> or <see cref="SessionResult.UserNotFound"/>.</returns>
    public async ValueTask<SessionResult> KickAsync(FullJid jid, string? reason, CancellationToken ct)
    {
        if (await server.Sessions.FindAsync(jid, ct) is { } session)
        {
            return await KickAsync(session, reason, ct);
        }

        return await ExistsAsync(jid.Bare, ct) ? SessionResult.NoSession : SessionResult.UserNotFound;
    }

    /// <summary>Ends all sessions of an account.</summary>
    /// <returns>What became of each; null when there is no such account.</returns>
    public async ValueTask<IReadOnlyList<KickedSession>?> KickAsync(BareJid account, string? reason, CancellationToken ct)
    {
        var sessions = await server.Sessions.FindAsync(account, ct);
        if (sessions.Count == 0 && !await ExistsAsync(account, ct))
        {
            return null;
        }

        var kicked = new List<KickedSession>();
        foreach (var session in sessions)
        {
            kicked.Add(new KickedSession(session.Jid, await KickAsync(session, reason, ct)));
        }

        return kicked;
    }

    /// <summary>Makes a session's presence another one, as if its client had sent it.</summary>
    /// <param name="jid">The session.</param>
    /// <param name="type">The type of the presence.</param>
    /// <param name="show">Text of <c>show</c>; null for none.</param>
    /// <param name="status">Text of <c>status</c>; null for none.</param>
    /// <param name="priority">Priority; null for none.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns><see cref="SessionResult.Ok"/>, <see cref="SessionResult.EmptyResource"/>, <see cref="SessionResult.NoSession"/> or <see cref="SessionResult.UserNotFound"/>.</returns>
    public async ValueTask<SessionResult> SetPresenceAsync(Jid jid, PresenceType type, string? show, string? status, int? priority, CancellationToken ct)
    {
        if (!await ExistsAsync(jid.Bare, ct))
        {
            return SessionResult.UserNotFound;
        }

        if (jid is not FullJid full)
        {
            return SessionResult.EmptyResource;
        }

        var bound = await server.Sessions.FindAsync(full, ct);
        if (bound is null)
        {
            return SessionResult.NoSession;
        }

        (string Name, string? Text)[] children = [("show", show), ("status", status), ("priority", priority?.ToString(CultureInfo.InvariantCulture))];
        var payload = children.Where(child => child.Text is not null).Select(child => new XmlBuilder(child.Name, Ns.Client).Text(child.Text).Build());
        var presence = Presence.Create(type, full, null, payload);
        if (bound is not Session session)
        {
            return bound is RemoteSession there && await there.SendPresenceAsync(presence, ct) ? SessionResult.Ok : SessionResult.NoSession;
        }

        await session.Host.Hooks.RunAsync(PresenceHooks.Sent, new PresenceSentContext(session, presence), ct);
        return SessionResult.Ok;
    }

    private static async ValueTask<SessionResult> KickAsync(IBoundSession bound, string? reason, CancellationToken ct)
    {
        var error = StreamError.Conflict(string.IsNullOrEmpty(reason) ? DefaultReason : reason);
        if (bound is RemoteSession there)
        {
            return await there.EndAsync(error, ct) ? SessionResult.Ok : SessionResult.NoSession;
        }

        if (bound is not Session session)
        {
            bound.Kick(error);
            return SessionResult.Ok;
        }

        if (session.HasEnded)
        {
            return SessionResult.NoSession;
        }

        // Waited for: who lists sessions next does not find it any more.
        await session.EndAsync(new SessionEnd(SessionEndReason.Kicked, error), CancellationToken.None);
        return SessionResult.Ok;
    }

    // By address; null when the domain is not served here.
    private async ValueTask<IReadOnlyList<SessionReport>?> ReportAsync(string? domain, CancellationToken ct)
    {
        BareJid? address = null;
        if (domain is not null && !TryFind(domain, out address))
        {
            return null;
        }

        var reports = In(address).Select(SessionReport.Of).Concat(await server.Sessions.ListElsewhereAsync(address, ct));
        return [.. reports.OrderBy(report => report.Details.User.ToString(), StringComparer.Ordinal)];
    }

    private bool TryFind(string domain, [NotNullWhen(true)] out BareJid? address) => BareJid.TryCreate(null, domain, out address) && server.Domains.TryFindAccounts(address.Domain, out _);

    private IEnumerable<Session> In(BareJid? domain) => domain is null ? server.Sessions.Local : server.Sessions.Local.Where(session => session.Jid.Domain == domain.Domain);

    private async ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) =>
        server.Domains.TryFindAccounts(account.Domain, out var domain) && await domain.Host.Auth.StoredExistsAsync(account, ct) is Existence.Yes;

    /// <summary>What a session's presence shows: <c>available</c> without a <c>show</c>, <c>unavailable</c> without a presence.</summary>
    public static string Show(Session session) => session.Presence is not { } presence ? "unavailable" : presence.Element.ChildText("show") is { Length: > 0 } show ? show : "available";
}
