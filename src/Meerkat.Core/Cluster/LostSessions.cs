using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>Ends the sessions of nodes that are gone: out of the authority, contacts told, modules' records closed (OPS-029; contacts are told, other than in OPS-030). All nodes that are left share the work.</summary>
internal sealed class LostSessions(ISessionRegistry registry, IClusterMembers members, ClusterSessionOptions options, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan s_sweep = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ClusterNode, Task> _cleaning = new();
    private HashSet<ClusterNode> _missing = [];
    private ServerContext _server = null!;
    private ITimer? _sweeping;
    private volatile bool _isStopped;

    public void Start(ServerContext server)
    {
        _server = server;
        _sweeping = time.CreateTimer(_ => _ = SweepAsync(), null, TimeSpan.Zero, s_sweep);
    }

    /// <summary>Begins to clean up after a node.</summary>
    public void Clean(ClusterNode node) => _cleaning.GetOrAdd(node, static (node, lost) => Task.Run(() => lost.CleanAsync(node)), this);

    /// <summary>Another session has taken the full JID of one whose node is gone: the authority does not know the old one any more, and nobody cleans up behind it.</summary>
    public void End(SessionRecord replaced) => _ = Task.Run(() => EndAsync(replaced));

    public async ValueTask DisposeAsync()
    {
        _isStopped = true;
        if (_sweeping is not null)
        {
            await _sweeping.DisposeAsync();
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged and tried again.")]
    private async Task CleanAsync(ClusterNode node)
    {
        var began = time.GetTimestamp();
        var count = 0;
        while (!_isStopped)
        {
            try
            {
                var lost = await registry.TakeLostAsync(node, options.LostAtOnce, CancellationToken.None);
                foreach (var record in lost)
                {
                    await EndAsync(record);
                }

                count += lost.Count;
                if (lost.Count == 0)
                {
                    break;
                }
            }
            catch (Exception failure)
            {
                ClusterLog.RegistryAway(log, failure.Message);
                await Task.Delay(s_pause, time);
            }
        }

        ClusterLog.Cleaned(log, count, node, time.GetElapsedTime(began));
        _cleaning.TryRemove(node, out _);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one session: it is logged, and the others are still dealt with.")]
    private async Task EndAsync(SessionRecord record)
    {
        try
        {
            // Another session may have its address already: of that one it would be told that it is gone.
            if (_server.Domains.TryFindAccounts(record.Jid.Domain, out var domain))
            {
                var hook = await _server.Sessions.FindAsync(record.Jid, CancellationToken.None) is null ? SessionHooks.Closed : SessionHooks.Superseded;
                await domain.Host.Hooks.RunAsync(hook, new SessionClosed(Session.OfLost(record, domain.Host), SessionEnd.Lost), CancellationToken.None);
            }
        }
        catch (Exception failure)
        {
            ClusterLog.CleanUpFailed(log, failure, record.Jid, record.Node);
        }
    }

    // Nodes that were gone before this one came, and those whose clean-up nobody has finished: not in two looks, so that none is taken for one that joined a moment ago.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is tried again.")]
    private async Task SweepAsync()
    {
        try
        {
            var nodes = await registry.NodesAsync(CancellationToken.None);
            var missing = nodes.Where(node => !members.View.Has(node)).ToHashSet();
            var before = Interlocked.Exchange(ref _missing, missing);
            foreach (var node in missing.Where(before.Contains))
            {
                Clean(node);
            }
        }
        catch (Exception failure)
        {
            ClusterLog.RegistryAway(log, failure.Message);
        }
    }
}
