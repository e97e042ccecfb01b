namespace Meerkat.Cluster.Orleans;

/// <summary>This server cannot be a node of the cluster: the message says why, for the operator.</summary>
public sealed class ClusterException : Exception
{
    /// <summary>With a text that says nothing.</summary>
    public ClusterException()
    {
    }

    /// <summary>With a text for the operator.</summary>
    public ClusterException(string message)
        : base(message)
    {
    }

    /// <summary>With a text for the operator and what led to it.</summary>
    public ClusterException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
