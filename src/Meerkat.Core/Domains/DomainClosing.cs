using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Domains;

/// <summary>What happens to a domain that has left the <see cref="DomainTable"/>: its sessions end, then modules forget what they remember of it (CORE-240). Safe for concurrent use.</summary>
internal sealed class DomainClosing(ServerContext server)
{
    private const int AtOnce = 32;

    private readonly ILogger _log = server.Loggers.CreateLogger<DynamicDomains>();
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Begins to close domains. Which sessions end is settled when it returns: a domain that is added again the next moment keeps its new ones.</summary>
    public void Begin(IReadOnlyList<HostedDomain> domains)
    {
        if (domains.Count == 0)
        {
            return;
        }

        // One look through all sessions, however many domains go.
        var names = domains.ToDictionary(domain => domain.Jid.Domain, _ => new List<Session>(), StringComparer.Ordinal);
        foreach (var session in server.Sessions.Local)
        {
            if (names.TryGetValue(session.Jid.Domain, out var list))
            {
                list.Add(session);
            }
        }

        lock (_gate)
        {
            _running = Task.WhenAll([_running, .. domains.Select(domain => Task.Run(() => CloseAsync(domain, names[domain.Jid.Domain])))]);
        }
    }

    /// <summary>Ends when all that was begun is done. Never fails.</summary>
    public Task WhenDoneAsync()
    {
        lock (_gate)
        {
            return _running;
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one domain's modules: it is logged, and the others forget theirs.")]
    private async Task CloseAsync(HostedDomain domain, List<Session> sessions)
    {
        DomainLog.Closed(_log, domain.Jid.Domain, sessions.Count);
        await Parallel.ForEachAsync(sessions, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, (session, _) => EndAsync(session));
        try
        {
            await domain.Host.Hooks.RunAsync(DomainHooks.Closed, new DomainContext(domain.Host, domain.Jid), CancellationToken.None);
        }
        catch (Exception failure)
        {
            DomainLog.CloseFailed(_log, failure, domain.Host.Name, domain.Jid.Domain);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one session: it is logged, and the others end.")]
    private async ValueTask EndAsync(Session session)
    {
        try
        {
            // RFC 6120 §4.9.3.5: the server no longer serves the domain. What the client has not got is stored, as ever.
            await session.EndAsync(new SessionEnd(SessionEndReason.Kicked, StreamError.HostGone), CancellationToken.None);
        }
        catch (Exception failure)
        {
            DomainLog.EndFailed(_log, failure, session.Jid.Domain);
        }
    }
}
