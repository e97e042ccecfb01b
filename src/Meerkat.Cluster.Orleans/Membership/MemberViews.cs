using System.Collections.Immutable;
using Meerkat.Core.Cluster;
using Microsoft.Extensions.Logging;

namespace Meerkat.Cluster.Orleans.Membership;

/// <summary>A state of the table of members, as far as views are made of it.</summary>
/// <param name="Version">The version of the table.</param>
/// <param name="Members">Those that have not left: they are active.</param>
/// <param name="Leaving">Those that have said that they stop.</param>
internal sealed record TableState(long Version, ImmutableDictionary<ClusterNode, SiloAddress> Members, ImmutableHashSet<ClusterNode> Leaving);

/// <summary>Makes views of the states of the table, one after the other. A node that was given up leaves its last view when its lease has run out for certain; views behind that wait with it, so that the
/// same version has the same members on all nodes.</summary>
internal sealed class MemberViews(ClusterNode self, TimeSpan hold, TimeProvider time, ILogger log)
{
    private readonly HashSet<ClusterNode> _leaving = []; // have said themselves that they go

    /// <summary>The last view.</summary>
    public ClusterView View { get; private set; } = new(0, []);

    /// <summary>Where its nodes are.</summary>
    public ImmutableDictionary<ClusterNode, SiloAddress> Addresses { get; private set; } = ImmutableDictionary<ClusterNode, SiloAddress>.Empty;

    /// <summary>Told of each view.</summary>
    public event Action<ClusterView>? Changed;

    /// <summary>Takes the next state, and ends when its view is made.</summary>
    public async Task TakeAsync(TableState state, CancellationToken ct)
    {
        if (state.Version <= View.Version)
        {
            return;
        }

        _leaving.UnionWith(state.Leaving);
        var given = View.Nodes.Where(node => node != self && !state.Members.ContainsKey(node) && !_leaving.Contains(node)).ToList();
        if (given.Count > 0)
        {
            foreach (var node in given)
            {
                ClusterLog.GivenUp(log, node.Name);
            }

            // What such a node has last read of itself it read before it was given up; it goes by that for as long as a lease lasts.
            await Task.Delay(hold, time, ct);
        }

        var nodes = state.Members.Keys.Order().ToList();
        var isOther = !nodes.SequenceEqual(View.Nodes);
        _leaving.IntersectWith(state.Leaving);
        Addresses = state.Members;
        View = new ClusterView(state.Version, nodes);
        if (isOther)
        {
            ClusterLog.Changed(log, string.Join(", ", nodes.Select(node => node.Name)), state.Version);
        }

        Changed?.Invoke(View);
    }
}
