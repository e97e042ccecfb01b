using Meerkat.Core.Cluster;
using StackExchange.Redis;

namespace Meerkat.Cluster.Orleans;

/// <summary>What a node needs to be one.</summary>
/// <param name="Options">The <c>[cluster]</c> section.</param>
/// <param name="Secret">The cluster's secret.</param>
/// <param name="Host">The server that is the node.</param>
public sealed record OrleansClusterSettings(ClusterOptions Options, string Secret, IClusterHost Host)
{
    /// <summary>The table of nodes in a SQL database; needed where <see cref="Redis"/> is null, and for the numbers of nodes in any case.</summary>
    public required IMemberStore Store { get; init; }

    /// <summary>The Redis that the nodes find each other in; null for <see cref="Store"/>.</summary>
    public ConfigurationOptions? Redis { get; init; }
}
