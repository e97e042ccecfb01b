using Meerkat.Admin.GraphQL;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;

namespace Meerkat.Admin.Categories;

/// <summary><c>cluster</c>, which is ours, and what the reference has of it in <c>server</c> (GQA-SERVER-06 to 08, 11).</summary>
internal sealed class ClusterCategory(ServerContext server) : ICategory
{
    private IClusterControl Cluster => server.Cluster ?? throw new OperationException("not_in_cluster", "This server is no node of a cluster: its configuration has no [cluster]");

    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        admin.Add("ClusterAdminQuery", "list", async call => (await Cluster.ListAsync(call.Ct)).Select(Shown));

        const string Own = "ClusterAdminMutation";
        admin.Add(Own, "leave", async call => await TellAsync(call.Find<string>("node") ?? Cluster.Self, NodeOrder.Leave, "leaves", call.Ct));
        admin.Add(Own, "drain", async call => await TellAsync(call.Find<string>("node") ?? Cluster.Self, NodeOrder.Drain, "is drained", call.Ct));
        admin.Add(Own, "remove", async call => await Cluster.RemoveAsync(call.Text("node"), call.Ct) switch
        {
            NodeAnswer.Done => $"{call.Text("node")} is forgotten",
            NodeAnswer.Runs => throw new OperationException("node_is_alive", $"{call.Text("node")} runs", ("node", call.Text("node"))),
            _ => throw NotFound(call.Text("node")),
        });

        const string Reference = "ServerAdminMutation";
        admin.Add<string>(Reference, "joinCluster", async call =>
        {
            var node = call.Text("node");
            throw (await Cluster.ListAsync(call.Ct)).Any(member => member.Node.Name == node && member.State is NodeState.Active or NodeState.Draining)
                ? new OperationException("already_joined", $"{node} and this node are in one cluster", ("node", node))
                : new OperationException("pang", $"{node} is no node of this cluster: a node joins by being started with the same [cluster] name, secret and database", ("node", node));
        });
        admin.Add(Reference, "leaveCluster", async call => await TellAsync(Cluster.Self, NodeOrder.Leave, "leaves", call.Ct));
        admin.Add(Reference, "removeFromCluster", async call =>
        {
            var node = call.Text("node");
            return await Cluster.RemoveAsync(node, call.Ct) switch
            {
                NodeAnswer.Done => $"{node} is forgotten",
                NodeAnswer.Runs => await TellAsync(node, NodeOrder.Leave, "leaves", call.Ct),
                _ => throw NotFound(node),
            };
        });
        admin.Add(Reference, "removeNode", async call => await Cluster.RemoveAsync(call.Text("node"), call.Ct) switch
        {
            NodeAnswer.Runs => throw new OperationException("node_is_alive", $"{call.Text("node")} runs", ("node", call.Text("node"))),
            _ => $"{call.Text("node")} is no node of the cluster any more", // GQA-SERVER-11: also when it never was
        });
    }

    private async ValueTask<string> TellAsync(string node, NodeOrder order, string done, CancellationToken ct) => await Cluster.TellAsync(node, order, ct) switch
    {
        NodeAnswer.Done => $"{node} {done}",
        NodeAnswer.Unreachable => throw new OperationException("rpc_error", $"{node} does not answer", ("node", node)),
        _ => throw NotFound(node),
    };

    private object Shown(NodeInfo info) => new
    {
        info.Node.Name,
        State = info.State.ToString().ToUpperInvariant(),
        IsSelf = info.Node.Name == server.Cluster!.Self,
        info.Address,
        info.Started,
        info.Sessions,
        info.Version,
    };

    private static OperationException NotFound(string node) => new("node_not_found", $"The cluster has no node {node}", ("node", node));
}
