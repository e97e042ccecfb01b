using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Offline;

/// <summary>Hands waiting messages to a session: page by page, in order, no faster than the client takes them (CORE-202, OFF-006).</summary>
/// <remarks>
/// One at a time for an account: who comes while it runs makes it look once more, so that a message that is stored meanwhile is neither left behind nor sent twice.
/// A page is removed after it was handed over: a server that is killed in between delivers it again rather than not at all. Of several nodes one has its turn at a time (<see cref="OfflineTurn"/>), the one on which the session lives:
/// when that node dies in between, the session has died too, and nothing comes to it twice.
/// </remarks>
internal sealed class OfflineDelivery(IOfflineStore store, HostType host, ILogger log)
{
    private const int PageSize = 64;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<BareJid, bool> _running = [];
    private readonly HashSet<BareJid> _later = [];

    /// <summary>Delivers all that waits for an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="preferred">The session that became available; null lets the account's best one have it.</param>
    public async ValueTask DeliverAsync(BareJid account, IBoundSession? preferred)
    {
        if (!TryEnter(account))
        {
            return;
        }

        try
        {
            do
            {
                if (!await DrainAsync(account, preferred))
                {
                    _ = LookLaterAsync(account);
                }
            }
            while (MustLookAgain(account));
        }
        catch
        {
            Leave(account);
            throw;
        }
    }

    /// <summary>The same for somebody who does not wait: a message was stored, and its recipient may have come meanwhile.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged, and the messages stay stored.")]
    public async void DeliverInBackground(BareJid account)
    {
        try
        {
            if (await FindTargetAsync(account, null, null) is not null)
            {
                await DeliverAsync(account, null);
            }
        }
        catch (Exception failure)
        {
            OfflineLog.NotDelivered(log, failure, account);
        }
    }

    /// <summary>Another node found something that waits for a session which lives here.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged, and the messages stay stored.")]
    public async Task DeliverHereAsync(BareJid account)
    {
        if (!host.Server.Domains.TryFindAccounts(account.Domain, out var domain) || domain.Host != host)
        {
            return; // another host type's
        }

        try
        {
            if (await FindTargetAsync(account, null, null, static session => session is Session) is { } target)
            {
                await DeliverAsync(account, target);
            }
            else
            {
                _ = LookLaterAsync(account); // it has gone, and not everybody knows yet
            }
        }
        catch (Exception failure)
        {
            OfflineLog.NotDelivered(log, failure, account);
        }
    }

    // Nothing here is cancelled: a wait for a client has its own bound, and what was handed over must be removed.
    // False while another node does it.
    private async ValueTask<bool> DrainAsync(BareJid account, IBoundSession? preferred)
    {
        var turn = new OfflineTurn(store, host, account);
        try
        {
            return await DrainAsync(account, preferred, turn);
        }
        finally
        {
            await turn.EndAsync();
        }
    }

    private async ValueTask<bool> DrainAsync(BareJid account, IBoundSession? preferred, OfflineTurn turn)
    {
        HashSet<IBoundSession>? ended = null;
        while (await FindTargetAsync(account, preferred, ended) is { } target)
        {
            // The turn is taken where there is something, and what there is then is what was not handed over by somebody else meanwhile.
            var page = await store.PeekAsync(account, PageSize, CancellationToken.None);
            if (page.Count > 0 && target is RemoteSession { Node: var node })
            {
                host.Server.Events.Post(node, new ClusterEvent(ClusterTopics.Offline, account));
                return false;
            }

            if (page.Count > 0 && !host.Server.Events.IsAlone)
            {
                if (!await turn.TryTakeAsync())
                {
                    return false;
                }

                page = await store.PeekAsync(account, PageSize, CancellationToken.None);
            }

            if (page.Count == 0)
            {
                return true;
            }

            var done = new List<long>(page.Count);
            try
            {
                if (!await HandOverAsync(account, target, page, done, turn))
                {
                    (ended ??= []).Add(target);
                }
            }
            finally
            {
                await store.RemoveAsync(account, done, CancellationToken.None);
            }
        }

        return true;
    }

    // Who has its turn hands over what there is; when it dies, or its client goes, somebody has to look.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged, and the messages stay stored.")]
    private async Task LookLaterAsync(BareJid account)
    {
        lock (_gate)
        {
            if (!_later.Add(account))
            {
                return; // somebody will
            }
        }

        try
        {
            await Task.Delay(s_pause, host.Server.Time);
            lock (_gate)
            {
                _later.Remove(account);
            }

            DeliverInBackground(account);
        }
        catch (Exception failure)
        {
            OfflineLog.NotDelivered(log, failure, account);
        }
    }

    private async ValueTask<bool> HandOverAsync(BareJid account, IBoundSession target, IReadOnlyList<StoredMessage> page, List<long> done, OfflineTurn turn)
    {
        var delivered = 0;
        var goesOn = true;
        foreach (var (id, stored) in page)
        {
            if (stored.Expires <= host.Server.Time.GetUtcNow())
            {
                done.Add(id); // OFF-004
                continue;
            }

            if (OfflineRules.ToDelivered(stored, account.DomainJid) is not { } message)
            {
                OfflineLog.Unreadable(log, id, account);
                done.Add(id);
                continue;
            }

            var isReady = await IsReadyAsync(target);
            if (!turn.Goes)
            {
                break; // it took long: the rest after another claim
            }

            if (!isReady || !target.Deliver(message))
            {
                goesOn = false;
                break;
            }

            done.Add(id);
            delivered++;
            await TellAsync(account, message, target);
        }

        OfflineMetrics.Delivered(delivered);
        return goesOn;
    }

    // False when the client takes nothing any more, or nobody knows whether it comes back.
    private static async ValueTask<bool> IsReadyAsync(IBoundSession target)
    {
        try
        {
            await target.ReadyAsync(CancellationToken.None);
            return target is not Session { HasEnded: true } and not Session { IsDetached: true };
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // As for every delivered message: copies to other resources (OFF-006).
    private async ValueTask TellAsync(BareJid account, Message message, IBoundSession target)
    {
        if (!host.Hooks.IsEmpty(MessageHooks.Delivered))
        {
            var sessions = await host.Server.Sessions.FindAsync(account, CancellationToken.None);
            await host.Hooks.RunAsync(MessageHooks.Delivered, new DeliveredContext(host, account, message, sessions, [target]), CancellationToken.None);
        }
    }

    private async ValueTask<IBoundSession?> FindTargetAsync(BareJid account, IBoundSession? preferred, HashSet<IBoundSession>? ended, Func<IBoundSession, bool>? fits = null)
    {
        if (preferred is not null && IsOpen(preferred, ended))
        {
            return preferred;
        }

        IBoundSession? best = null;
        foreach (var session in await host.Server.Sessions.FindAsync(account, CancellationToken.None))
        {
            if (session.Presence is not null && session.Priority >= 0 && session.Priority > (best?.Priority ?? -1) && IsOpen(session, ended) && fits?.Invoke(session) is not false)
            {
                best = session;
            }
        }

        return best;
    }

    private static bool IsOpen(IBoundSession session, HashSet<IBoundSession>? ended) =>
        session is not Session { HasEnded: true } and not Session { IsDetached: true } and not RemoteSession { Record.IsDetached: true } && ended?.Contains(session) is not true;

    private bool TryEnter(BareJid account)
    {
        lock (_gate)
        {
            if (_running.TryAdd(account, false))
            {
                return true;
            }

            _running[account] = true;
            return false;
        }
    }

    private bool MustLookAgain(BareJid account)
    {
        lock (_gate)
        {
            if (_running[account])
            {
                _running[account] = false;
                return true;
            }

            _running.Remove(account);
            return false;
        }
    }

    private void Leave(BareJid account)
    {
        lock (_gate)
        {
            _running.Remove(account);
        }
    }
}
