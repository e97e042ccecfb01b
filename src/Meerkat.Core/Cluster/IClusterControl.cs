namespace Meerkat.Core.Cluster;

/// <summary>What administration asks of a cluster. Safe for concurrent use.</summary>
public interface IClusterControl
{
    /// <summary>The name of this node.</summary>
    string Self { get; }

    /// <summary>The nodes, by name; those that were given up or have left as long as the table has them.</summary>
    Task<IReadOnlyList<NodeInfo>> ListAsync(CancellationToken ct);

    /// <summary>Tells a node, this one too, to do something.</summary>
    Task<NodeAnswer> TellAsync(string node, NodeOrder order, CancellationToken ct);

    /// <summary>Forgets a node that does not run: its rows, and the number that its name has.</summary>
    Task<NodeAnswer> RemoveAsync(string node, CancellationToken ct);
}

/// <summary>What a node can be told.</summary>
public enum NodeOrder
{
    /// <summary>Takes no new connections and ends its sessions, and stays a member: it can be stopped at leisure.</summary>
    Drain,

    /// <summary>Drains, leaves the cluster and ends.</summary>
    Leave,
}

/// <summary>What came of it.</summary>
public enum NodeAnswer
{
    /// <summary>It was done, or will be done in a moment.</summary>
    Done,

    /// <summary>There is no such node.</summary>
    NotFound,

    /// <summary>The node did not answer.</summary>
    Unreachable,

    /// <summary>The node runs, which it must not for this.</summary>
    Runs,
}

/// <summary>How a node is.</summary>
public enum NodeState
{
    /// <summary>It starts.</summary>
    Joining,

    /// <summary>It serves.</summary>
    Active,

    /// <summary>It is a member and takes no connections.</summary>
    Draining,

    /// <summary>It is a member as far as anybody knows, and does not answer.</summary>
    Unreachable,

    /// <summary>It stops.</summary>
    Leaving,

    /// <summary>It has left, or was given up.</summary>
    Gone,
}

/// <summary>A node, as administrators see it.</summary>
/// <param name="Node">Which one.</param>
/// <param name="Address">Where other nodes reach it.</param>
/// <param name="State">How it is.</param>
/// <param name="Started">When it was started.</param>
public sealed record NodeInfo(ClusterNode Node, string Address, NodeState State, DateTimeOffset Started)
{
    /// <summary>How many sessions are on it; null when it did not say.</summary>
    public int? Sessions { get; init; }

    /// <summary>The version of its program; null when it did not say.</summary>
    public string? Version { get; init; }
}

/// <summary>What a cluster asks of the server that is its node. Safe for concurrent use.</summary>
public interface IClusterHost
{
    /// <summary>How many sessions are here.</summary>
    int Sessions { get; }

    /// <summary>Whether it has been drained.</summary>
    bool IsDraining { get; }

    /// <summary>Does as it is told. Answers when it has begun to.</summary>
    void Obey(NodeOrder order);
}
