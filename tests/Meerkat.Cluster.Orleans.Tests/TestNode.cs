using Meerkat.Core.Cluster;
using Meerkat.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Meerkat.Cluster.Orleans.Tests;

/// <summary>A node in this process: all but the sessions.</summary>
internal sealed class TestNode : IClusterHost, IAsyncDisposable
{
    public const string Secret = "correct horse battery staple";

    public TestNode(string name, IMemberStore store, string secret = Secret, ConfigurationOptions? redis = null, TimeSpan? failureTime = null, ILoggerFactory? loggers = null)
    {
        Options = new ClusterOptions { Node = name, Port = FreePort.Next(), Secret = secret, FailureTime = failureTime ?? TimeSpan.FromSeconds(10) };
        Cluster = new OrleansCluster(new OrleansClusterSettings(Options, secret, this) { Store = store, Redis = redis }, TimeProvider.System, loggers ?? NullLoggerFactory.Instance);
    }

    public ClusterOptions Options { get; }

    public OrleansCluster Cluster { get; }

    public int Sessions { get; set; }

    public bool IsDraining { get; private set; }

    public TaskCompletionSource<NodeOrder> Obeyed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Obey(NodeOrder order)
    {
        IsDraining = true;
        Obeyed.TrySetResult(order);
    }

    /// <summary>Waits until the node sees as many members.</summary>
    public async Task SeesAsync(int members)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Changed += Look;
        Look(Cluster.View);
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Cluster.Changed -= Look;

        void Look(ClusterView view)
        {
            if (view.Nodes.Count == members)
            {
                seen.TrySetResult();
            }
        }
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
