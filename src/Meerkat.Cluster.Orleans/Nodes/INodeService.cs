using Orleans.Services;

namespace Meerkat.Cluster.Orleans.Nodes;

/// <summary>What each node offers the others.</summary>
internal interface INodeService : IGrainService
{
    /// <summary>Takes a batch of the link.</summary>
    /// <param name="name">The sender's name.</param>
    /// <param name="run">The sender's run.</param>
    /// <param name="batch">The bytes.</param>
    Task TakeAsync(string name, long run, byte[] batch);

    /// <summary>Does what an administrator tells it on another node.</summary>
    Task ObeyAsync(int order);

    /// <summary>Says how it is.</summary>
    Task<NodeReport> ReportAsync();
}

/// <summary>How a node is.</summary>
[GenerateSerializer, Immutable, Alias("meerkat.node-report")]
internal sealed record NodeReport(int Sessions, bool IsDraining, string Version);
