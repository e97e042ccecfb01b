using Meerkat.Core.Cluster;
using Meerkat.Core.Sessions;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>XEP-0198 §5 across nodes: a session's state moves, or stays, and what the client has not got is neither lost nor comes twice.</summary>
public sealed class ClusterResumptionTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_bob = BareJid.Parse("bob@example.test");

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 1)] // from the session's old node
    [InlineData(true, 1)]
    [InlineData(false, 2)] // from its new one
    [InlineData(true, 2)]
    public async Task What_is_sent_while_the_state_moves_comes_once_and_in_order(bool spread, int sender)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        await using var alice = await cluster[sender].Server.ConnectAsync("alice", "web");
        var (id, h) = await DetachedAsync(cluster[1].Server);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                await SendAsync(alice, $"{i}");
                if (i % 10 == 0)
                {
                    await Task.Yield();
                }
            }
        });
        await using var again = await ResumeAsync(cluster[2].Server, id, h);
        Assert.Equal("resumed", (await again.ReceiveAsync(element => element.Name is "resumed" or "failed")).Name);
        await sending;
        var got = new List<string>();
        while (got.Count < 300)
        {
            got.Add((await again.ReceiveAsync(element => element.Name == "message")).Attribute("id")!);
        }

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}"), got);
        await ExpectNoMessageAsync(again);
    }

    [Theory] // who sends may be kept from it for long between the look-up and the sending
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_sent_to_a_session_that_was_found_before_it_moved_is_not_overtaken_by_what_is_sent_behind_it(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        var (id, h) = await DetachedAsync(cluster[1].Server);
        var found = Assert.IsType<RemoteSession>(Assert.Single(await cluster[0].Directory.FindAsync(s_bob, None)));
        await using var again = await ResumeAsync(cluster[2].Server, id, h);
        await again.ReceiveAsync(element => element.Name == "resumed");
        await SendAsync(alice, "first");
        Assert.Equal("first", (await again.ReceiveAsync(element => element.Name == "message")).Attribute("id")); // the way to its new node is free

        // What goes by its old node takes its time.
        cluster.Network.Cut(cluster[1].Place.Self, cluster[2].Place.Self);
        Assert.True(found.Deliver(Message("held")));
        await SendAsync(alice, "behind");
        await alice.ExpectNothingAsync();
        cluster.Network.Mend(cluster[1].Place.Self, cluster[2].Place.Self);
        Assert.Equal("held", (await again.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
        Assert.Equal("behind", (await again.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
        await ExpectNoMessageAsync(again);

        static Message Message(string id) => Xmpp.Message.Create(MessageType.Chat, FullJid.Parse("alice@example.test/web"), s_bob, id, new XmlBuilder("body", Ns.Client).Text("b").Build());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_dies_with_what_it_took_over_takes_no_message_with_it(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        var (id, _) = await DetachedAsync(cluster[1].Server);
        await SendAsync(alice, "first");
        await TestCluster.UntilAsync(() => cluster[1].Directory.Local.Single().Output.Unacknowledged == 2);

        // The state is on its way to the third node, which is never heard of again.
        var there = Assert.IsType<RemoteSession>(Assert.Single(await cluster[2].Directory.FindAsync(s_bob, None)));
        Assert.Equal(id, there.Record.ResumptionId);
        var snapshot = SessionSnapshot.Decode(XmlElement.Parse((await cluster[2].Link.AskAsync(cluster[1].Place.Self, NodeVerb.TakeSession, SessionCommands.Take(there, 1), None)).Span, "", XmlLimits.Unlimited));
        Assert.Single(snapshot.Waiting, waiting => waiting.Stanza.Id == "first");
        cluster.Network.Kill(cluster[2].Place.Self);
        await SendAsync(alice, "second"); // it goes after the state
        await alice.ExpectNothingAsync();
        cluster.Network.Remove(cluster[2].Place.Self);

        await using var fresh = await cluster[0].Server.ConnectAsync("bob", "tablet");
        await fresh.SendAsync("<presence/>");
        var got = new[] { (await fresh.ReceiveAsync(element => element.Name == "message")).Attribute("id"), (await fresh.ReceiveAsync(element => element.Name == "message")).Attribute("id") };
        Assert.Equal(["first", "second"], got.Order());
        await ExpectNoMessageAsync(fresh);
    }

    [Theory] // CORE-219
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_acknowledges_too_much_elsewhere_loses_the_session_and_no_message(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        var (id, _) = await DetachedAsync(cluster[0].Server);
        await SendAsync(alice, "kept");
        await alice.ExpectNothingAsync();
        await using (var liar = await ResumeAsync(cluster[1].Server, id, 1000))
        {
            await liar.ExpectStreamErrorAsync("undefined-condition");
        }

        await using var fresh = await cluster[0].Server.ConnectAsync("bob", "tablet");
        await fresh.SendAsync("<presence/>");
        Assert.Equal("kept", (await fresh.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
        await ExpectNoMessageAsync(fresh);
        Assert.Equal("tablet", Assert.Single(await cluster[1].Directory.FindAsync(s_bob, None)).Jid.Resource);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_whose_node_is_gone_cannot_be_resumed_and_its_client_binds_anew(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        var (id, h) = await DetachedAsync(cluster[1].Server);
        Assert.Single(await cluster[2].Directory.FindAsync(s_bob, None));
        cluster.Network.Kill(cluster[1].Place.Self); // nobody knows yet: it is asked
        await using var again = await ResumeAsync(cluster[2].Server, id, h);
        cluster.Network.Remove(cluster[1].Place.Self);
        await again.ExpectAsync("<failed xmlns='urn:xmpp:sm:3'/>");
        await again.BindAsync("phone");
        await again.BecomeAvailableAsync();
        Assert.Equal(cluster[2].Place.Self, Assert.IsType<RemoteSession>(Assert.Single(await cluster[0].Directory.FindAsync(s_bob, None))).Node);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_nodes_that_resume_one_session_at_once_one_has_it(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        var (id, h) = await DetachedAsync(cluster[0].Server);
        await SendAsync(alice, "once");
        await alice.ExpectNothingAsync();
        await using var left = cluster[1].Server.Open();
        await using var right = cluster[2].Server.Open();
        await left.LogInAsync("bob", "example.test", "secret");
        await right.LogInAsync("bob", "example.test", "secret");
        TestClient[] both = [left, right];
        var answers = await Task.WhenAll(both.Select(async client =>
        {
            await client.SendAsync($"<resume xmlns='urn:xmpp:sm:3' previd='{id}' h='{h}'/>");
            return (await client.ReceiveAsync(element => element.Name is "resumed" or "failed")).Name;
        }));

        // Both, where the second one took over what the first one had: then the first one is told that it was replaced.
        Assert.Contains("resumed", answers);
        var last = Assert.Single(await SettledAsync(cluster));
        var winner = both[last is RemoteSession { Node: var node } && node == cluster[2].Place.Self ? 1 : 0];
        Assert.Equal("once", (await winner.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
        await SendAsync(alice, "behind");
        Assert.Equal("behind", (await winner.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
        await ExpectNoMessageAsync(winner);
    }

    [Theory] // CORE-124: who binds the same resource elsewhere, without a word of resumption, gets what waited
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_waits_elsewhere_leaves_what_it_kept_to_the_one_that_takes_its_place(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await DetachedAsync(cluster[0].Server);
        await SendAsync(alice, "kept");
        await alice.ExpectNothingAsync();
        await using var fresh = await cluster[1].Server.ConnectAsync("bob", "phone");
        await fresh.SendAsync("<presence/>");
        Assert.Equal("kept", (await fresh.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
        await ExpectNoMessageAsync(fresh);
        Assert.Single(await SettledAsync(cluster));
    }

    private static async Task ExpectNoMessageAsync(TestClient client)
    {
        await client.SendAsync("<iq type='get' id='fence'><q xmlns='test:fence'/></iq>");
        while (await client.ReceiveAsync() is var next && next.Attribute("id") != "fence")
        {
            Assert.NotEqual("message", next.Name);
        }
    }

    // What the first node sees when all that was under way has arrived.
    private static async Task<IReadOnlyList<IBoundSession>> SettledAsync(TestCluster cluster)
    {
        await TestCluster.UntilAsync(() => Enumerable.Range(0, cluster.Count).Sum(i => cluster[i].Directory.Local.Count(session => session.Jid.Bare.Equals(s_bob) && !session.HasEnded)) == 1);
        return await cluster[0].Directory.FindAsync(s_bob, None);
    }

    private static async Task SendAsync(TestClient from, string id) => await from.SendAsync($"<message to='bob@example.test' type='chat' id='{id}'><body>b</body></message>");

    private static async Task<TestClient> ResumeAsync(TestServer server, string id, int h)
    {
        var client = server.Open();
        await client.LogInAsync("bob", "example.test", "secret");
        await client.SendAsync($"<resume xmlns='urn:xmpp:sm:3' previd='{id}' h='{h}'/>");
        return client;
    }

    // A session that its client has left behind: its id, and how much the client has got of it.
    private static async Task<(string Id, int Got)> DetachedAsync(TestServer server)
    {
        var bob = await server.ConnectAsync("bob", "phone");
        await bob.SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        var id = (await bob.ReceiveAsync(element => element.Name == "enabled")).Attribute("id")!;
        await bob.BecomeAvailableAsync();
        var session = server.Context.Sessions.Local.Single(session => session.Jid.Bare.Equals(s_bob));
        await bob.DropAsync();
        await TestCluster.UntilAsync(() => session.IsDetached);
        return (id, 1); // its own presence
    }
}
