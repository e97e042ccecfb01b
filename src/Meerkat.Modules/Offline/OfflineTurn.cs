using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Offline;

/// <summary>One node's turn to hand over what waits for an account: two nodes that did it at once would send it twice. A single node asks nobody.</summary>
/// <remarks>The clocks of the nodes may differ by <see cref="s_slack"/>: so long before its claim runs out a node stops. Not safe for concurrent use.</remarks>
internal sealed class OfflineTurn(IOfflineStore store, HostType host, BareJid account)
{
    private static readonly TimeSpan s_claim = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(30);

    private bool _isClaimed;
    private DateTimeOffset _until;

    private IClusterEvents Cluster => host.Server.Events;

    /// <summary>Begins the turn, or makes it longer.</summary>
    /// <returns>False while another node has it.</returns>
    public async ValueTask<bool> TryTakeAsync()
    {
        if (Cluster.IsAlone)
        {
            return true;
        }

        var self = Cluster.Self.ToString();
        string? gone = null;
        while (true)
        {
            var now = host.Server.Time.GetUtcNow();
            var holder = await store.ClaimAsync(account, new OfflineClaim(self, now + s_claim), now, gone, CancellationToken.None);
            if (holder == self)
            {
                _isClaimed = true;
                _until = now + s_claim - s_slack;
                return true;
            }

            if (holder == gone || (ClusterNode.TryParse(holder, out var node) && Cluster.Has(node)))
            {
                return false;
            }

            gone = holder; // it died with its claim
        }
    }

    /// <summary>Whether it is still this node's turn: asked before each message.</summary>
    public bool Goes => !_isClaimed || host.Server.Time.GetUtcNow() < _until;

    /// <summary>It is somebody else's turn.</summary>
    public ValueTask EndAsync() => _isClaimed ? store.UnclaimAsync(account, Cluster.Self.ToString(), CancellationToken.None) : ValueTask.CompletedTask;
}
