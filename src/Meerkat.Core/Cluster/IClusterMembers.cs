namespace Meerkat.Core.Cluster;

/// <summary>Which nodes there are (architecture §6).</summary>
/// <remarks>
/// <para>All nodes see the same views in the same order, not at the same moment. A node that is in no view any more never comes back: what runs under its name later is another
/// <see cref="ClusterNode"/>.</para>
/// <para>The promise that everything else stands on: a view without a node is made only when that node's lease (<see cref="HoldsLease"/>) has run out, or when the node itself has left. So
/// nobody serves what a node says that the others have given up. Safe for concurrent use.</para>
/// </remarks>
public interface IClusterMembers
{
    /// <summary>This node.</summary>
    ClusterNode Self { get; }

    /// <summary>The nodes as this one sees them now, itself included while it is a member.</summary>
    ClusterView View { get; }

    /// <summary>Whether this node may go by what it knows of the others: it was heard as a member recently enough. Quick: asked for every stanza. False after a suspension until the node has made sure.</summary>
    bool HoldsLease { get; }

    /// <summary>There is a new view. One at a time, versions rise; some may be passed over. Quick: what takes time goes elsewhere.</summary>
    event Action<ClusterView>? Changed;

    /// <summary>This node was given up by the others, or was away for so long that it must take it for granted: its sessions have to end before it serves again.</summary>
    event Action? Lost;
}

/// <summary>The members of a cluster at one moment.</summary>
/// <param name="Version">Rises with every change; the same on all nodes for the same members.</param>
/// <param name="Nodes">The nodes, in the order of <see cref="ClusterNode.CompareTo"/>.</param>
public sealed record ClusterView(long Version, IReadOnlyList<ClusterNode> Nodes)
{
    /// <summary>Whether a node is a member.</summary>
    public bool Has(ClusterNode node)
    {
        for (var i = 0; i < Nodes.Count; i++)
        {
            if (Nodes[i] == node)
            {
                return true;
            }
        }

        return false;
    }
}
