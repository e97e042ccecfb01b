using Meerkat.Core;
using Meerkat.Core.Cluster;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Services;

namespace Meerkat.Cluster.Orleans.Nodes;

/// <summary>Serves other nodes.</summary>
internal sealed class NodeService(GrainId id, Silo silo, ILoggerFactory loggers, NodeInbox inbox) : GrainService(id, silo, loggers), INodeService
{
    public Task TakeAsync(string name, long run, byte[] batch) =>
        inbox.Receive is { } receive
            ? Task.Run(() => TakeAsync(receive, new ClusterNode(name, run), batch)) // away from Orleans' scheduler: what stanzas do is not its to order
            : throw new InvalidOperationException("This node does not take stanzas yet.");

    public Task ObeyAsync(int order)
    {
        inbox.Host.Obey((NodeOrder)order);
        return Task.CompletedTask;
    }

    public Task<NodeReport> ReportAsync() => Task.FromResult(new NodeReport(inbox.Host.Sessions, inbox.Host.IsDraining, Product.Version));

    // An exception of ours does not travel.
    private static async Task TakeAsync(Func<ClusterNode, ReadOnlyMemory<byte>, ValueTask> receive, ClusterNode from, byte[] batch)
    {
        try
        {
            await receive(from, batch);
        }
        catch (NodeUnreachableException gone)
        {
            throw new InvalidOperationException(gone.Message);
        }
    }
}

/// <summary>What the service of a node hands on to.</summary>
internal sealed class NodeInbox(IClusterHost host)
{
    public IClusterHost Host => host;

    public Func<ClusterNode, ReadOnlyMemory<byte>, ValueTask>? Receive { get; set; }
}

/// <summary>Reaches the service of a node.</summary>
internal sealed class NodeClient(IServiceProvider services) : GrainServiceClient<INodeService>(services)
{
    public INodeService At(SiloAddress node) => GetGrainService(node);
}
