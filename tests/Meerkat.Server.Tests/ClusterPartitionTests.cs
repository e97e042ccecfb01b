using System.Diagnostics;
using Meerkat.Testing;
using Meerkat.Testing.Databases;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>Three nodes in networks of their own, of which one is cut (docs/cluster.md, "When a node does not answer").</summary>
[Collection("Server processes under load")] // one at a time
public sealed class ClusterPartitionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90); // failure_time is 6; a busy machine is not sure of what it sees for longer

    private static readonly string[] All = ["node1 ACTIVE", "node2 ACTIVE", "node3 ACTIVE"];

    [Fact] // OPS-029, XEP-0198 §4: machines, the database on another one; the cut node reaches nothing
    public async Task Nothing_acknowledged_is_lost_when_a_machine_is_cut_off_under_load_and_its_node_joins_again()
    {
        Skip();
        Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
        await using var network = await NodeNetwork.CreateAsync(3);
        await using var postgres = await PostgresProcess.CreateAsync(address: network.Outside.ToString());
        await using var nodes = new ThreeNodes(3, toml => ClusterTalk.OnDatabase(ClusterTalk.Configure(toml), network.Outside.ToString(), postgres.Port), new ClusterProcess(network, apart: true));
        await nodes.InitializeAsync();
        await using var alice = await nodes.LogInAsync(0, "alice", "web");
        await using var bob = await LogInOnAsync(network, nodes, "bob", "phone");
        await BefriendAsync(alice, bob);
        var said = nodes[2].Said;
        var talkers = await ClusterTalk.RunAsync(nodes, async third =>
        {
            var cut = Stopwatch.StartNew();
            await network.CutAsync(2);
            await MissesAsync(alice, bob);
            TestContext.Current.SendDiagnosticMessage($"{cut.Elapsed} until the cut node's sessions were missed");
            Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 GONE"], await nodes[0].StatesAsync());
            await using var young = await nodes.LogInAsync(1, "bob", "phone"); // the same full JID
            await young.BecomeAvailableAsync();
            await alice.SendAsync($"<message to='{young.Jid}' type='chat' id='m'><body>b</body></message>");
            await young.ReceiveAsync(element => element.Attribute("id") == "m");

            // On the cut side somebody writes: nothing says that it was taken, or an error says that it was not.
            await bob.SendAsync("<enable xmlns='urn:xmpp:sm:3'/>");
            await bob.ReceiveAsync(element => element.Name == "enabled");
            await bob.SendAsync("<message to='alice@localhost' type='chat' id='cut'><body>b</body></message><r xmlns='urn:xmpp:sm:3'/>");
            await Task.Delay(third * 4); // some of the talkers notice, and go elsewhere
            Assert.Equal(-1, nodes[2].Log.IndexOf("Meerkat is ready", said, StringComparison.Ordinal));
            await network.HealAsync(2);
            var (isTaken, isRefused) = (false, false);
            await ReceiveAsync(bob, element =>
            {
                isTaken |= element.Is("a", Ns.StreamManagement) && element.Attribute("h") != "0";
                isRefused |= element.Attribute("id") == "cut" && element.Attribute("type") == "error";
                return element.Child("system-shutdown", Ns.StreamErrors) is not null;
            });
            Assert.False(isTaken && !isRefused);
            await nodes[2].SaysAsync("The other nodes have given this one up", said);
            await nodes[2].SaysAsync("Meerkat is ready", said);
            Assert.Equal(All, await nodes[0].StatesAsync());
            await using var back = await nodes.LogInAsync(2, "bob", "tablet");
            await back.BecomeAvailableAsync();
            await alice.ReceiveAsync(element => element.Attribute("from") == back.Jid && element.Attribute("type") is null);
        });
        Assert.Contains(talkers, talker => talker.Lives > 1);
        Assert.Empty(await ClusterTalk.LostAsync(nodes, talkers));
        Assert.Empty(talkers.SelectMany(talker => talker.Disorder));
        Assert.Empty(ClusterTalk.Twice(talkers));
    }

    [Fact] // architecture §6: it can read that it was given up, and cannot join before it reaches the others
    public async Task A_node_that_the_others_do_not_reach_ends_its_sessions_and_waits_until_they_do()
    {
        Skip();
        await using var network = await NodeNetwork.CreateAsync(3);
        await using var nodes = new ThreeNodes(3, null, new ClusterProcess(network));
        await nodes.InitializeAsync();
        await using var alice = await nodes.LogInAsync(0, "alice", "web");
        await using var bob = await LogInOnAsync(network, nodes, "bob", "phone");
        await BefriendAsync(alice, bob);
        var said = nodes[2].Said;
        await network.CutAsync(2);
        await ReceiveAsync(bob, element => element.Child("system-shutdown", Ns.StreamErrors) is not null);
        await MissesAsync(alice, bob);
        await using var young = await nodes.LogInAsync(1, "bob", "phone"); // the same full JID
        await young.BecomeAvailableAsync();
        await nodes[2].SaysAsync("Meerkat is restarting", said);
        await Assert.ThrowsAnyAsync<Exception>(async () => await network.ConnectOnAsync(2, nodes[2].Clients, "localhost"));
        Assert.Equal(["node1 ACTIVE", "node2 ACTIVE"], (await nodes[0].StatesAsync()).Take(2));
        await network.HealAsync(2);
        await nodes[2].SaysAsync("Meerkat is ready", said);
        Assert.Equal(All, await nodes[0].StatesAsync());
        await alice.SendAsync($"<message to='{young.Jid}' type='chat' id='m'><body>b</body></message>");
        await young.ReceiveAsync(element => element.Attribute("id") == "m");
        await using var back = await nodes.LogInAsync(2, "bob", "tablet");
        await back.BecomeAvailableAsync();
        await alice.ReceiveAsync(element => element.Attribute("from") == back.Jid && element.Attribute("type") is null);
    }

    private static void Skip() => Assert.SkipWhen(NodeNetwork.Missing is not null, NodeNetwork.Missing ?? "");

    // On the machine of the third node itself: no cable is between them.
    private static async Task<TestClient> LogInOnAsync(NodeNetwork network, ThreeNodes nodes, string account, string resource)
    {
        await nodes.RegisterAsync(0, account);
        return await ThreeNodes.LogInAsync(await network.ConnectOnAsync(2, nodes[2].Clients, "localhost"), account, resource);
    }

    private static Task MissesAsync(TestClient alice, TestClient bob) => ReceiveAsync(alice, element => element.Attribute("from") == bob.Jid && element.Attribute("type") == "unavailable");

    // More patient than a client is.
    private static async Task ReceiveAsync(TestClient client, Func<XmlElement, bool> fits)
    {
        for (var began = Stopwatch.StartNew(); ;)
        {
            try
            {
                await client.ReceiveAsync(fits);
                return;
            }
            catch (TimeoutException) when (began.Elapsed < Patience)
            {
                // Again.
            }
        }
    }

    private static async Task BefriendAsync(TestClient alice, TestClient bob)
    {
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await alice.SendAsync($"<presence type='subscribe' to='{bob.BareJid}'/>");
        await bob.ReceiveAsync(element => element.Attribute("type") == "subscribe");
        await bob.SendAsync($"<presence type='subscribed' to='{alice.BareJid}'/>");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.Attribute("type") is null);
    }
}
