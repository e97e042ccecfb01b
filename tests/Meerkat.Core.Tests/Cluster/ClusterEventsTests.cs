using Meerkat.Core.Cluster;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>What nodes keep in memory of accounts is right though another node has changed it (architecture §6, IClusterEvents).</summary>
public sealed class ClusterEventsTests
{
    [Fact] // what belongs to no host type: once a time, and told of
    public async Task What_is_no_module_s_is_heard_once_and_waited_for()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two", "three");
        var heard = new List<string>();
        var gate = new TaskCompletionSource();
        cluster[1].Server.Context.Events.Hear(ClusterTopics.Domain, async what =>
        {
            await gate.Task;
            lock (heard)
            {
                heard.Add($"two {what.About}");
            }
        });
        cluster[2].Server.Context.Events.Hear(ClusterTopics.Domain, what =>
        {
            lock (heard)
            {
                heard.Add($"three {what.About}");
            }

            throw new InvalidOperationException("it is logged");
        });
        var telling = cluster[0].Server.Context.Events.TellAsync(new ClusterEvent(ClusterTopics.Domain, BareJid.Parse("added.example"))).AsTask();
        await TestCluster.UntilAsync(() => heard.Contains("three added.example"));
        Assert.False(telling.IsCompleted);
        gate.SetResult();
        await telling;
        Assert.Equal(["three added.example", "two added.example"], heard.Order());
    }

    [Fact] // CORE-193
    public async Task A_contact_that_was_removed_on_one_node_sees_nothing_more_from_another()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two", "three");
        await using var alice = await cluster[2].Server.ConnectAsync("alice", "web");
        await using var phone = await cluster[0].Server.ConnectAsync("bob", "phone");
        await using var tablet = await cluster[1].Server.ConnectAsync("bob", "tablet");
        await alice.BecomeAvailableAsync();
        await phone.BecomeAvailableAsync();
        await tablet.BecomeAvailableAsync();

        // The tablet's node has read the roster when nobody was in it.
        await alice.SendAsync("<presence type='subscribe' to='bob@example.test'/>");
        await phone.ReceiveAsync(element => element.Attribute("type") == "subscribe");
        await phone.SendAsync("<presence type='subscribed' to='alice@example.test'/>");
        await alice.ReceiveAsync(element => element.Name == "presence" && element.Attribute("from") == tablet.Jid && element.Attribute("type") is null);
        await tablet.SendAsync("<presence><show>dnd</show></presence>");
        await alice.ReceiveAsync(element => element.Attribute("from") == tablet.Jid && element.ChildText("show") == "dnd");

        await phone.AskAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='alice@example.test' subscription='remove'/></query></iq>");
        await alice.ReceiveAsync(element => element.Attribute("from") == tablet.Jid && element.Attribute("type") == "unavailable");
        await tablet.SendAsync("<presence><show>xa</show></presence>");
        await tablet.ReceiveAsync(element => element.Attribute("from") == tablet.Jid && element.ChildText("show") == "xa");
        await tablet.SendAsync("<message to='alice@example.test' id='behind'/>");
        while (await alice.ReceiveAsync() is var next && next.Name != "message")
        {
            Assert.NotEqual("xa", next.ChildText("show"));
        }
    }

    [Fact] // XEP-0191 §3.3, BLK-005
    public async Task Whom_one_node_has_blocked_nobody_writes_to_from_another()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two", "three");
        await using var alice = await cluster[2].Server.ConnectAsync("alice", "web");
        await using var phone = await cluster[0].Server.ConnectAsync("bob", "phone");
        await using var tablet = await cluster[1].Server.ConnectAsync("bob", "tablet");
        await tablet.BecomeAvailableAsync();
        await tablet.SendAsync("<message to='alice@example.test/web' id='before'/>");
        await alice.ReceiveAsync(element => element.Attribute("id") == "before");
        await alice.SendAsync("<message to='bob@example.test/tablet' id='known'/>"); // her node has read his lists
        await tablet.ReceiveAsync(element => element.Attribute("id") == "known");

        await phone.AskAsync("<iq type='set'><block xmlns='urn:xmpp:blocking'><item jid='alice@example.test'/></block></iq>");
        await tablet.SendAsync("<message to='alice@example.test/web' id='blocked'/>");
        Assert.Equal("error", (await tablet.ReceiveAsync(element => element.Attribute("id") == "blocked")).Attribute("type"));
        await alice.SendAsync("<message to='bob@example.test/tablet' id='refused'/>");
        Assert.Equal("error", (await alice.ReceiveAsync(element => element.Name == "message")).Attribute("type"));

        await phone.AskAsync("<iq type='set'><unblock xmlns='urn:xmpp:blocking'><item jid='alice@example.test'/></unblock></iq>");
        await tablet.SendAsync("<message to='alice@example.test/web' id='after'/>");
        Assert.Equal("after", (await alice.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
    }

    [Fact] // CORE-167
    public async Task Who_was_passed_over_sees_presence_again_after_coming_by_another_node()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await using var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await alice.SendAsync("<presence type='subscribe' to='bob@example.test'/>");
        await bob.ReceiveAsync(element => element.Attribute("type") == "subscribe");
        await bob.SendAsync("<presence type='subscribed' to='alice@example.test'/>");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.Attribute("type") is null);

        await bob.SendAsync("<presence type='unavailable' to='alice@example.test'/>");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.Attribute("type") == "unavailable");
        await bob.SendAsync("<presence><show>dnd</show></presence><message to='alice@example.test/web' id='behind'/>");
        while (await alice.ReceiveAsync() is var next && next.Name != "message")
        {
            Assert.NotEqual("dnd", next.ChildText("show")); // she is passed over
        }

        await alice.SendAsync("<presence to='bob@example.test'/>");
        await bob.ReceiveAsync(element => element.Name == "presence" && element.Attribute("from") == alice.Jid);
        await bob.SendAsync("<presence><show>xa</show></presence>");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.ChildText("show") == "xa");
    }

    [Fact]
    public async Task A_node_that_does_not_answer_keeps_a_change_back_for_a_while_only_and_hears_of_it_later()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two");
        await using var phone = await cluster[0].Server.ConnectAsync("bob", "phone");
        await using var tablet = await cluster[1].Server.ConnectAsync("bob", "tablet");
        await tablet.BecomeAvailableAsync(); // from here on it is told of changes
        cluster.Network.Cut(cluster[0].Place.Self, cluster[1].Place.Self);
        await phone.AskAsync("<iq type='set'><block xmlns='urn:xmpp:blocking'><item jid='alice@example.test'/></block></iq>");
        cluster.Network.Mend(cluster[0].Place.Self, cluster[1].Place.Self);
        await tablet.ReceiveAsync(element => element.FirstChild?.Name == "block"); // the push was sent behind the event
        await tablet.SendAsync("<message to='alice@example.test/web' id='blocked'/>");
        Assert.Equal("error", (await tablet.ReceiveAsync(element => element.Attribute("id") == "blocked")).Attribute("type"));
    }

    [Fact]
    public async Task Who_joins_hears_what_was_told_a_moment_ago()
    {
        await using var cluster = await TestCluster.StartAsync("one");
        await cluster[0].Server.Context.Events.TellAsync(new ClusterEvent(ClusterTopics.Roster, BareJid.Parse("bob@example.test")));
        var before = cluster.Network.Batches;
        await cluster.JoinAsync("two");
        await TestCluster.UntilAsync(() => cluster.Network.Batches > before);
    }
}
