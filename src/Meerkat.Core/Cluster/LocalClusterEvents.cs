namespace Meerkat.Core.Cluster;

/// <summary>One node alone: there is nobody to tell.</summary>
public sealed class LocalClusterEvents : IClusterEvents
{
    /// <inheritdoc/>
    public ClusterNode Self { get; } = new("local", 0);

    /// <inheritdoc/>
    public bool IsAlone => true;

    /// <inheritdoc/>
    public bool Has(ClusterNode node) => node == Self;

    /// <inheritdoc/>
    public ValueTask TellAsync(ClusterEvent what) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void Hear(string topic, Func<ClusterEvent, ValueTask> hear)
    {
    }

    /// <inheritdoc/>
    public void Post(ClusterNode to, ClusterEvent what)
    {
    }
}
