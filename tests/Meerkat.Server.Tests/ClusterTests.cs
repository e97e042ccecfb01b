using Meerkat.Testing;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>Nodes as processes: who may be one, and what an administrator can tell them (docs/cluster.md). What their clients see is in <see cref="ClusterTrafficTests"/>.</summary>
[Collection("Nodes of a cluster")] // one at a time, beside other tests: most of it is waiting
public sealed class ClusterTests
{
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
        Assert.Equal(["node1 ACTIVE"], await one.StatesAsync());
    }

    [Fact] // GQA-SERVER-06 to 08, 11
    public async Task Nodes_are_told_to_drain_and_to_leave()
    {
        await using var cluster = new ClusterProcess();
        var (one, two) = (cluster.Node(1), cluster.Node(2));
        await Task.WhenAll(one.StartAsync(), two.StartAsync());
        Assert.Contains("\"node2 is drained\"", await MutateAsync(one, "cluster { drain(node: \\\"node2\\\") }"));
        Assert.Equal(["node1 ACTIVE", "node2 DRAINING"], await one.StatesAsync());
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
        Assert.Equal(["node1 ACTIVE", "node2 GONE"], await one.StatesAsync());
        Assert.Contains("node_not_found", await MutateAsync(one, "cluster { remove(node: \\\"node3\\\") }"));
        Assert.Equal(["node1 ACTIVE", "node2 GONE"], await one.StatesAsync());
        Assert.Contains("\"node2 is forgotten\"", await MutateAsync(one, "cluster { remove(node: \\\"node2\\\") }"));
        Assert.Equal(["node1 ACTIVE"], await one.StatesAsync());
        Assert.Contains("\"node1 leaves\"", await MutateAsync(one, "server { leaveCluster }"));
        Assert.Equal(0, await one.WaitForExitAsync());
    }

    [Fact] // OPS-203, CORE-240, CORE-241: at once, not by polling, which is an hour away
    public async Task A_domain_that_one_node_adds_disables_or_removes_the_others_serve_or_serve_no_more()
    {
        await using var nodes = new ThreeNodes(2, toml => toml.Replace("[general]", "[general]\n  host_types = [\"free\"]", StringComparison.Ordinal) + "\n[services.service_domain_db]\n  event_polling_interval = 3600\n");
        await nodes.InitializeAsync();
        const string Domain = "added.example";
        await ExpectUnknownAsync(nodes[1]);
        Assert.Contains("\"free\"", await MutateAsync(nodes[0], $"domain {{ addDomain(domain: \\\"{Domain}\\\", hostType: \\\"free\\\") {{ hostType }} }}"));
        Assert.Contains("alice@added.example", await MutateAsync(nodes[1], $"account {{ registerUser(domain: \\\"{Domain}\\\", username: \\\"alice\\\", password: \\\"secret\\\") {{ jid }} }}"));
        await using (var alice = await LogInAsync(nodes[1], "one"))
        {
            Assert.Contains("DISABLED", await MutateAsync(nodes[0], $"domain {{ disableDomain(domain: \\\"{Domain}\\\") {{ status }} }}"));
            await ExpectUnknownAsync(nodes[1]);
            await alice.ExpectStreamErrorAsync("host-gone");
        }

        Assert.Contains("ENABLED", await MutateAsync(nodes[1], $"domain {{ enableDomain(domain: \\\"{Domain}\\\") {{ status }} }}"));
        await using (var near = await LogInAsync(nodes[0], "one"))
        await using (var far = await LogInAsync(nodes[1], "two"))
        {
            Assert.Contains("DELETED", await MutateAsync(nodes[0], $"domain {{ removeDomain(domain: \\\"{Domain}\\\", hostType: \\\"free\\\") {{ status }} }}"));
            await ExpectUnknownAsync(nodes[1]);
            await near.ExpectStreamErrorAsync("host-gone");
            await far.ExpectStreamErrorAsync("host-gone");
        }

        Assert.Contains("\"free\"", await MutateAsync(nodes[1], $"domain {{ addDomain(domain: \\\"{Domain}\\\", hostType: \\\"free\\\") {{ hostType }} }}"));
        await using var again = await TestClient.ConnectAsync(nodes[0].Clients, Domain);
        await again.OpenStreamAsync();

        static async Task<TestClient> LogInAsync(ClusterProcess.NodeProcess node, string resource)
        {
            var client = await TestClient.ConnectAsync(node.Clients, Domain);
            try
            {
                await client.LogInAsync("alice", Domain, "secret");
                await client.BindAsync(resource);
                return client;
            }
            catch
            {
                await client.DisposeAsync();
                throw;
            }
        }

        static async Task ExpectUnknownAsync(ClusterProcess.NodeProcess node)
        {
            await using var client = await TestClient.ConnectAsync(node.Clients, Domain);
            await client.SendAsync($"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='{Domain}'>");
            await client.ReceiveHeaderAsync();
            await client.ExpectStreamErrorAsync("host-unknown");
        }
    }

    private static Task<string> MutateAsync(ClusterProcess.NodeProcess node, string what) => node.AskAsync($"{{\"query\": \"mutation {{ {what} }}\"}}");
}
