namespace Meerkat.Core.Cluster;

/// <summary>Takes bytes to another node: what <see cref="INodeLink"/> needs of the technology below. Encrypted and authenticated; knows nothing of what it carries.</summary>
/// <remarks>Order, numbers, repetition and bounds are the link's: it sends the next batch to a node when the one before has been taken. Safe for concurrent use.</remarks>
public interface INodeTransport
{
    /// <summary>Takes a batch to a node.</summary>
    /// <param name="to">The node.</param>
    /// <param name="batch">The bytes; they stay as they are until the task ends.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Ends when the other node's <see cref="Receive"/> has completed.</returns>
    /// <exception cref="NodeUnreachableException">Nobody knows whether the batch arrived: the link sends it again, under the same number, until the node is no member any more.</exception>
    ValueTask SendAsync(ClusterNode to, ReadOnlyMemory<byte> batch, CancellationToken ct);

    /// <summary>Takes a batch that came: from whom, and its bytes, which may be used until it completes. Set once, before anything comes. What it throws makes the sender's task fail.</summary>
    Func<ClusterNode, ReadOnlyMemory<byte>, ValueTask>? Receive { get; set; }
}

/// <summary>Another node was not reached, or did not answer.</summary>
public sealed class NodeUnreachableException : Exception
{
    /// <summary>With a text that says nothing.</summary>
    public NodeUnreachableException()
    {
    }

    /// <summary>With a text for the log.</summary>
    public NodeUnreachableException(string message)
        : base(message)
    {
    }

    /// <summary>With a text for the log and what led to it.</summary>
    public NodeUnreachableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
