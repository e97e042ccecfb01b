using Meerkat.Core.Cluster;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>What an administrator asks one node is answered for all (GQA-SESSION-01 to GQA-SESSION-10).</summary>
public sealed class ClusterAdministrationTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // GQA-SESSION-01, 03, 06
    public async Task Sessions_of_all_nodes_are_counted_and_listed()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two", "three");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await using var phone = await cluster[1].Server.ConnectAsync("bob", "phone");
        await using var tablet = await cluster[2].Server.ConnectAsync("bob", "tablet");
        await phone.BecomeAvailableAsync("<presence><show>dnd</show><status>busy &amp; tired</status><priority>5</priority></presence>");
        var operations = new SessionOperations(cluster[0].Server.Context);

        Assert.Equal(3, await operations.CountAsync(null, None));
        Assert.Equal(3, await operations.CountAsync("example.test", None));
        Assert.Null(await operations.CountAsync("elsewhere.test", None));
        var all = await operations.ListAsync("example.test", None);
        Assert.Equal([("alice@example.test/web", "one"), ("bob@example.test/phone", "two"), ("bob@example.test/tablet", "three")], all!.Select(session => (session.User.ToString(), session.Node)));
        Assert.Equal(("tcp", 5, "127.0.0.1"), (all![1].Connection, all[1].Priority, all[1].Ip));
        Assert.Equal(["phone", "tablet"], (await operations.ListAsync(BareJid.Parse("bob@example.test"), None))!.Select(session => session.User.Resource));
        Assert.Equal([new SessionStatus(FullJid.Parse(phone.Jid), 5, "busy & tired")], await operations.ListWithStatusAsync(null, "dnd", None));
    }

    [Fact] // GQA-SESSION-08: who lists next does not find it any more
    public async Task A_session_of_another_node_is_kicked_before_the_answer()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two");
        await using var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        var operations = new SessionOperations(cluster[0].Server.Context);
        Assert.Equal(SessionResult.Ok, await operations.KickAsync(FullJid.Parse(bob.Jid), "out", None));
        Assert.Equal(0, await operations.CountAsync(null, None));
        Assert.Equal("out", (await bob.ExpectStreamErrorAsync("conflict")).Child("text", Ns.StreamErrors)?.Text);
        Assert.Equal(SessionResult.NoSession, await operations.KickAsync(FullJid.Parse(bob.Jid), null, None));
    }

    [Fact] // GQA-SESSION-10
    public async Task The_presence_of_a_session_of_another_node_is_set()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two");
        await using var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        var operations = new SessionOperations(cluster[0].Server.Context);
        Assert.Equal(SessionResult.Ok, await operations.SetPresenceAsync(FullJid.Parse(bob.Jid), PresenceType.Available, "away", "lunch", 3, None));
        await bob.ReceiveAsync(element => element.Name == "presence" && element.ChildText("status") == "lunch");
        Assert.Equal(3, Assert.IsType<RemoteSession>(await cluster[0].Directory.FindAsync(FullJid.Parse(bob.Jid), None)).Priority);
    }

    [Fact]
    public async Task More_sessions_than_a_page_has_are_listed_whole_and_once()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two");
        Assert.True(cluster[1].Server.Context.Domains.TryFindAccounts("example.test", out var domain));
        for (var i = 0; i < 2001; i++)
        {
            Assert.NotNull(await MessageListener.OpenAsync(domain, BareJid.Parse($"u{i}@example.test"), None));
        }

        var listed = await new SessionOperations(cluster[0].Server.Context).ListAsync("example.test", None);
        Assert.Equal(2001, listed!.Select(session => session.User).Distinct().Count());
        Assert.Equal(2001, listed!.Count);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_left_out_after_a_while()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two");
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await using var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        cluster.Network.Cut(cluster[0].Place.Self, cluster[1].Place.Self);
        Assert.Equal(1, await new SessionOperations(cluster[0].Server.Context).CountAsync(null, None));
    }
}
