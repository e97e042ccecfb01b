using System.Diagnostics;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>Three nodes as processes, started from the examples (docs/examples/cluster, docs/cluster.md).</summary>
[Collection("Server processes under load")] // one at a time
public sealed class ClusterTests
{
    private static readonly TimeSpan FailureTime = TimeSpan.FromSeconds(10);

    [Fact] // OPS-022, OPS-029
    public async Task Nodes_come_and_go_by_starting_and_stopping_and_one_that_is_killed_is_given_up_in_time()
    {
        await using var cluster = new ClusterProcess();
        var (one, two, three) = (cluster.Node(1), cluster.Node(2), cluster.Node(3));
        await Task.WhenAll(one.StartAsync(), two.StartAsync(), three.StartAsync()); // at the same moment, on a folder that is empty
        Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 ACTIVE"], await StatesAsync(cluster, one));

        var saidOne = one.Said;
        three.Signal("TERM");
        Assert.Equal(0, await three.WaitForExitAsync());
        await one.SaysAsync("Members of the cluster: node1, node2 (", saidOne);
        Assert.DoesNotContain("given up by the others", one.Log);
        Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 GONE"], await StatesAsync(cluster, two));

        await three.StartAsync();
        Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 ACTIVE"], await StatesAsync(cluster, two));

        (saidOne, var killed) = (one.Said, Stopwatch.StartNew());
        three.Signal("KILL");
        await one.SaysAsync("Node node3 was given up by the others", saidOne);
        await one.SaysAsync("Members of the cluster: node1, node2 (", saidOne);
        Assert.InRange(killed.Elapsed, TimeSpan.Zero, FailureTime + TimeSpan.FromSeconds(5)); // of a busy machine
        Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 GONE"], await StatesAsync(cluster, two));
    }

    [Fact] // architecture §6: a node that was suspended and comes back closes its sessions before it serves again
    public async Task A_node_that_was_suspended_ends_its_sessions_and_joins_anew()
    {
        await using var cluster = new ClusterProcess();
        var (one, two, three) = (cluster.Node(1), cluster.Node(2), cluster.Node(3));
        await Task.WhenAll(one.StartAsync(), two.StartAsync(), three.StartAsync());
        await using var client = await TestClient.ConnectAsync(three.Clients, "localhost");
        await client.OpenStreamAsync();
        await client.SendAsync("<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>alice</username><password>secret</password></query></iq>");
        await client.ExpectAsync("<iq type='result' id='r'/>");
        await using var alice = await TestClient.ConnectAsync(three.Clients, "localhost");
        await alice.LogInAsync("alice", "localhost", "secret");
        await alice.BindAsync("phone");

        var (saidOne, saidThree) = (one.Said, three.Said);
        three.Signal("STOP");
        await one.SaysAsync("Members of the cluster: node1, node2 (", saidOne);
        Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 GONE"], await StatesAsync(cluster, two));
        three.Signal("CONT");
        await three.SaysAsync("The other nodes have given this one up");
        await three.SaysAsync("Meerkat is ready", saidThree);
        await alice.ExpectStreamErrorAsync("system-shutdown");
        Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 ACTIVE"], await StatesAsync(cluster, two));
    }

    [Fact] // OPS-013
    public async Task Who_has_another_secret_or_a_name_that_runs_does_not_start()
    {
        await using var cluster = new ClusterProcess();
        var one = cluster.Node(1);
        await one.StartAsync();
        var stranger = cluster.Node(2, toml => toml.Replace("secret_file = \"cluster.secret\"", "secret = \"a secret of its own\"", StringComparison.Ordinal));
        Assert.Equal(1, await stranger.EndsAsync());
        Assert.Contains("Meerkat cannot start: node node1 on 127.0.0.1:", stranger.Log);
        Assert.Contains("does not know this node's secret", stranger.Log);

        var twin = cluster.Node(1);
        Assert.Equal(1, await twin.EndsAsync());
        Assert.Contains("the node node1 runs already on the data folder", twin.Log);

        var alone = cluster.Node(3, toml => string.Join('\n', toml.Split("[cluster]")[0], "[auth]" + toml.Split("[auth]")[1]));
        Assert.Equal(1, await alone.EndsAsync());
        Assert.Contains("is in use: a server runs on it", alone.Log);
        Assert.Equal(["node1 ACTIVE"], await StatesAsync(cluster, one));
    }

    [Fact] // GQA-SERVER-06 to 08, 11
    public async Task Nodes_are_told_to_drain_and_to_leave()
    {
        await using var cluster = new ClusterProcess();
        var (one, two) = (cluster.Node(1), cluster.Node(2));
        await Task.WhenAll(one.StartAsync(), two.StartAsync());
        Assert.Contains("\"node2 is drained\"", await MutateAsync(one, "cluster { drain(node: \\\"node2\\\") }"));
        Assert.Equal(["node1 ACTIVE", "node2 DRAINING"], await StatesAsync(cluster, one));
        await Assert.ThrowsAnyAsync<Exception>(async () => await (await TestClient.ConnectAsync(two.Clients, "localhost")).OpenStreamAsync());
        Assert.Contains("already_joined", await MutateAsync(one, "server { joinCluster(node: \\\"node2\\\") }"));
        Assert.Contains("pang", await MutateAsync(one, "server { joinCluster(node: \\\"node9\\\") }"));
        Assert.Contains("node_is_alive", await MutateAsync(one, "cluster { remove(node: \\\"node2\\\") }"));
        Assert.Contains("node_is_alive", await MutateAsync(one, "server { removeNode(node: \\\"node2\\\") }"));
        Assert.Contains("node_not_found", await MutateAsync(one, "cluster { leave(node: \\\"node9\\\") }"));
        Assert.Contains("node_not_found", await MutateAsync(one, "server { removeFromCluster(node: \\\"node9\\\") }"));
        Assert.Contains("\"node9 is no node of the cluster any more\"", await MutateAsync(one, "server { removeNode(node: \\\"node9\\\") }"));
        var said = one.Said;
        Assert.Contains("\"node2 leaves\"", await MutateAsync(one, "server { removeFromCluster(node: \\\"node2\\\") }"));
        Assert.Equal(0, await two.WaitForExitAsync());
        await one.SaysAsync("Members of the cluster: node1 (", said);
        Assert.Contains("\"node2 is forgotten\"", await MutateAsync(one, "cluster { remove(node: \\\"node2\\\") }"));
        Assert.Equal(["node1 ACTIVE"], await StatesAsync(cluster, one));
        Assert.Contains("\"node1 leaves\"", await MutateAsync(one, "server { leaveCluster }"));
        Assert.Equal(0, await one.WaitForExitAsync());
    }

    private static async Task<IEnumerable<string>> StatesAsync(ClusterProcess cluster, ClusterProcess.NodeProcess node) =>
        (await cluster.ListAsync(node)).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key} {entry.Value}");

    private static Task<string> MutateAsync(ClusterProcess.NodeProcess node, string what) => node.AskAsync($"{{\"query\": \"mutation {{ {what} }}\"}}");
}
