using Meerkat.Core.Cluster;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>One domain on several nodes, as its clients see it.</summary>
public sealed class ClusterSessionsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory] // CORE-148, OPS-012
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_reach_sessions_on_other_nodes_in_order(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await using var phone = await cluster[1].Server.ConnectAsync("bob", "phone");
        await using var tablet = await cluster[2].Server.ConnectAsync("bob", "tablet");
        await phone.BecomeAvailableAsync();
        await tablet.BecomeAvailableAsync();
        await phone.ReceiveAsync(element => element.Attribute("from") == tablet.Jid);

        for (var i = 0; i < 200; i++)
        {
            await alice.SendAsync($"<message to='bob@example.test{(i % 2 == 0 ? "" : "/phone")}' type='chat' id='{i}'><body>b</body></message>");
        }

        for (var i = 0; i < 200; i++)
        {
            Assert.Equal($"{i}", (await phone.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
            if (i % 2 == 0)
            {
                Assert.Equal($"{i}", (await tablet.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
            }
        }
    }

    [Theory] // CORE-145
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_to_a_session_on_another_node_are_answered(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await using var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        await alice.SendAsync("<iq type='get' to='bob@example.test/phone' id='q'><q xmlns='test:q'/></iq>");
        await bob.ExpectAsync("<iq type='get' from='alice@example.test/web' id='q'><q xmlns='test:q'/></iq>");
        await bob.SendAsync("<iq type='result' to='alice@example.test/web' id='q'/>");
        await alice.ExpectAsync("<iq type='result' from='bob@example.test/phone' id='q'/>");
        await alice.SendAsync("<iq type='get' to='bob@example.test/none' id='n'><q xmlns='test:q'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='n'/>");
    }

    [Theory] // CORE-124
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_same_full_jid_on_another_node_ends_the_older_session_and_inherits_what_it_did_not_get(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two");
        await using var old = await cluster[0].Server.ConnectAsync("bob", "phone");
        await old.BecomeAvailableAsync();
        await using var young = await cluster[1].Server.ConnectAsync("bob", "phone");
        await old.ExpectStreamErrorAsync("conflict");
        await young.BecomeAvailableAsync();
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await alice.SendAsync("<message to='bob@example.test/phone' type='chat' id='m'><body>b</body></message>");
        Assert.Equal("m", (await young.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
        Assert.Equal(young.Jid, Assert.Single(await cluster[0].Directory.FindAsync(BareJid.Parse("bob@example.test"), None)).Jid.ToString());
    }

    [Theory] // XEP-0280
    [InlineData(false)]
    [InlineData(true)]
    public async Task Carbons_reach_the_accounts_other_clients_on_other_nodes(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await using var phone = await cluster[1].Server.ConnectAsync("bob", "phone");
        await using var tablet = await cluster[2].Server.ConnectAsync("bob", "tablet");
        await phone.BecomeAvailableAsync();
        await phone.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await tablet.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await alice.SendAsync("<message to='bob@example.test/phone' type='chat' id='m'><body>b</body></message>");
        await phone.ReceiveAsync(element => element.Attribute("id") == "m");
        Assert.NotNull((await tablet.ReceiveAsync(element => element.Name == "message")).Child("received", Ns.Carbons));
        await tablet.SendAsync("<message to='alice@example.test/web' type='chat' id='r'><body>b</body></message>");
        await alice.ReceiveAsync(element => element.Attribute("id") == "r");
        Assert.NotNull((await phone.ReceiveAsync(element => element.Name == "message")).Child("sent", Ns.Carbons));
    }

    [Theory] // CORE-159, OPS-030 does better here: contacts learn that a node has taken sessions with it
    [InlineData(false)]
    [InlineData(true)]
    public async Task Contacts_see_presence_from_other_nodes_and_the_end_of_what_dies_with_one(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await using var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await BefriendAsync(alice, bob);
        await bob.SendAsync("<presence><show>dnd</show></presence>");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.ChildText("show") == "dnd");

        cluster.Kill(cluster[1]);
        var gone = await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid);
        Assert.Equal("unavailable", gone.Attribute("type"));
        foreach (var node in new[] { cluster[0], cluster[2] })
        {
            while ((await node.Directory.FindAsync(BareJid.Parse("bob@example.test"), None)).Count > 0)
            {
                await Task.Yield(); // each node sees for itself that the node is gone
            }
        }
    }

    [Theory] // what a node did not take goes where the sessions would have left it
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_under_way_to_a_node_that_dies_is_stored_for_later(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        await bob.BecomeAvailableAsync();
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='first'><body>b</body></message>");
        await bob.ReceiveAsync(element => element.Attribute("id") == "first");
        cluster.Network.Kill(cluster[1].Place.Self);
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='second'><body>b</body></message>");
        await alice.ExpectNothingAsync();
        cluster.Network.Remove(cluster[1].Place.Self);
        await using var again = await cluster[0].Server.ConnectAsync("bob", "phone");
        await again.SendAsync("<presence/>");
        Assert.Equal("second", (await again.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
    }

    [Theory] // XEP-0198 §5
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_is_resumed_on_another_node_and_nothing_is_lost_or_comes_twice(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        await bob.SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        var id = (await bob.ReceiveAsync(element => element.Name == "enabled")).Attribute("id");
        await bob.BecomeAvailableAsync();
        await bob.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='0'><body>b</body></message>");
        await bob.ReceiveAsync(element => element.Attribute("id") == "0");
        var old = cluster[1].Directory.Local.Single();
        await bob.DropAsync();
        for (var i = 1; i <= 20; i++)
        {
            await alice.SendAsync($"<message to='bob@example.test' type='chat' id='{i}'><body>b</body></message>");
        }

        await TestCluster.UntilAsync(() => old.Output.Unacknowledged == 23);
        await using var again = cluster[2].Server.Open();
        await again.LogInAsync("bob", "example.test", "secret");
        var h = 3; // presence, the answer to carbons, the first message
        await again.SendAsync($"<resume xmlns='urn:xmpp:sm:3' previd='{id}' h='{h}'/>");
        Assert.Equal("2", (await again.ReceiveAsync(element => element.Name is "resumed" or "failed")).Attribute("h"));
        for (var i = 21; i <= 40; i++)
        {
            await alice.SendAsync($"<message to='bob@example.test' type='chat' id='{i}'><body>b</body></message>");
        }

        for (var i = 1; i <= 40; i++)
        {
            Assert.Equal($"{i}", (await again.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
        }

        var found = Assert.Single(await cluster[0].Directory.FindAsync(BareJid.Parse("bob@example.test"), None));
        Assert.Equal(cluster[2].Place.Self, Assert.IsType<RemoteSession>(found).Node);
        await TestCluster.UntilAsync(() => cluster[1].Directory.Count == 0); // it is told behind the answer
        Assert.Single(((RemoteSession)found).Record.States, state => state.Key == "carbons");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_between_sessions_of_one_node_ask_nobody(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await using var bob = await cluster[0].Server.ConnectAsync("bob", "phone");
        await bob.BecomeAvailableAsync();
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='m'><body>b</body></message>");
        await bob.ReceiveAsync(element => element.Attribute("id") == "m");

        // What its log-in and presence still have to tell is told, sooner or later; a message that asked would do so in each round.
        for (var round = 0; ; round++)
        {
            var before = (cluster.Registry.Calls, cluster.Network.Batches);
            await ChatAsync();
            if (before == (cluster.Registry.Calls, cluster.Network.Batches))
            {
                break;
            }

            Assert.True(round < 20, "messages ask");
        }

        async Task ChatAsync()
        {
            for (var i = 0; i < 100; i++)
            {
                await alice.SendAsync("<message to='bob@example.test' type='chat' id='m'><body>b</body></message>");
                await bob.ReceiveAsync(element => element.Attribute("id") == "m");
            }
        }
    }

    [Theory] // architecture §6: a bind answers when the holders have acknowledged, or are no members any more
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bind_waits_for_a_node_that_holds_a_copy_until_that_node_has_left(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        Assert.Empty(await cluster[2].Directory.FindAsync(BareJid.Parse("bob@example.test"), None));
        cluster.Network.Kill(cluster[2].Place.Self);
        var binding = cluster[0].Server.ConnectAsync("bob", "phone");
        await using var alice = await cluster[1].Server.ConnectAsync("alice", "web"); // nobody there knows of her
        Assert.False(binding.IsCompleted);
        cluster.Network.Remove(cluster[2].Place.Self);
        await using var bob = await binding;
        Assert.Single(await cluster[1].Directory.FindAsync(BareJid.Parse("bob@example.test"), None));
    }

    [Theory] // GQA-SESSION
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_on_another_node_can_be_ended_from_here(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two");
        await using var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        Assert.Single(await cluster[0].Directory.FindAsync(BareJid.Parse("bob@example.test"), None)).Kick(StreamError.Conflict("Kicked by the administrator"));
        var error = await bob.ExpectStreamErrorAsync("conflict");
        Assert.Equal("Kicked by the administrator", error.Child("text", Ns.StreamErrors)?.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_for_a_session_that_has_just_ended_is_stored_by_its_node(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        await bob.BecomeAvailableAsync();
        var known = Assert.Single(await cluster[0].Directory.FindAsync(BareJid.Parse("bob@example.test"), None));
        await bob.DisposeAsync();
        while (cluster[1].Directory.Count > 0)
        {
            await Task.Yield();
        }

        var message = Message.Create(MessageType.Chat, FullJid.Parse(alice.Jid), BareJid.Parse("bob@example.test"), "late", new Xml.XmlBuilder("body", Ns.Client).Text("b").Build());
        Assert.True(known.Deliver(message));
        await using var again = await cluster[0].Server.ConnectAsync("bob", "tablet");
        await again.SendAsync("<presence/>");
        Assert.Equal("late", (await again.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
    }

    [Theory] // architecture §6: a node that was suspended closes its sessions before it serves again
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_was_given_up_ends_its_sessions_and_without_a_lease_nobody_is_bound(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two");
        await using var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        cluster[1].Place.HoldsLease = false;
        var finding = cluster[1].Directory.FindAsync(BareJid.Parse("bob@example.test"), None);
        Assert.False(finding.IsCompleted);
        cluster[1].Place.HoldsLease = true;
        Assert.Single(await finding);
        cluster[1].Place.Lose();
        await bob.ExpectStreamErrorAsync("system-shutdown");
    }

    private static async Task BefriendAsync(TestClient alice, TestClient bob)
    {
        await alice.SendAsync($"<presence type='subscribe' to='{bob.BareJid}'/>");
        await bob.ReceiveAsync(element => element.Attribute("type") == "subscribe");
        await bob.SendAsync($"<presence type='subscribed' to='{alice.BareJid}'/>");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.Attribute("type") is null);
    }
}
