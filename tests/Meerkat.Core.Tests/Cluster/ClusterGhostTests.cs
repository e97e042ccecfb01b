using System.Diagnostics;
using System.Text;
using Meerkat.Core.Cluster;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>Who stays in a room when a node dies (OPS-219, docs/cluster.md): the sessions that joined, and nobody who only has the address of one.</summary>
public sealed class ClusterGhostTests
{
    private const string Service = "conference.example.test";

    [Fact] // CORE-124: the authority of the account has died along, and what it told the second one has not arrived
    public async Task Who_came_back_under_the_address_of_a_session_that_nobody_knows_any_more_is_in_no_room_that_he_did_not_join()
    {
        await using var cluster = await TestCluster.StartWithRoomsAsync(true, "one", "two", "three");
        var room = NameOn(cluster, 0);
        var guest = Enumerable.Range(0, 1000).Select(n => $"guest{n}").First(name => RegistryPlaces.Of(BareJid.Parse($"{name}@example.test"), cluster[0].Place.View) is var (first, second)
            && first == cluster[2].Place.Self && second == cluster[1].Place.Self);
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await MakeAsync(alice, room);
        cluster.Network.Cut(cluster[1].Place.Self, cluster[2].Place.Self);
        await using var old = await cluster[2].Server.ConnectAsync(guest, "pc");
        await JoinAsync(old, room, "guest");
        await alice.ReceiveAsync(element => element.Attribute("from") == $"{room}/guest");

        cluster.Network.Kill(cluster[2].Place.Self);
        var coming = cluster[1].Server.ConnectAsync(guest, "pc");
        cluster.Network.Remove(cluster[2].Place.Self);
        await using var back = await coming;
        await HearsTheEndAsync(cluster, alice, $"{room}/guest");
        await alice.SendAsync($"<message to='{room}' type='groupchat' id='m'><body>b</body></message>");
        await alice.ReceiveAsync(element => element.Attribute("id") == "m");
        await back.SendAsync("<iq type='get' id='fence'><q xmlns='test:fence'/></iq>");
        while (await back.ReceiveAsync() is var next && next.Attribute("id") != "fence")
        {
            Assert.Equal("unavailable", next.Attribute("type")); // its own end, nothing else
        }
    }

    [Theory] // XEP-0198 §5: a session that goes on elsewhere has another number, and is in the room all the same
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_there_stays_in_the_rooms_when_a_node_dies(bool spread)
    {
        await using var cluster = await TestCluster.StartWithRoomsAsync(spread, "one", "two", "three");
        var room = NameOn(cluster, 0);
        await using var alice = await cluster[0].Server.ConnectAsync("alice", "web");
        await MakeAsync(alice, room);
        var moved = await cluster[0].Server.ConnectAsync("bob", "phone");
        await moved.SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        var id = (await moved.ReceiveAsync(element => element.Name == "enabled")).Attribute("id")!;
        await JoinAsync(moved, room, "bob");
        await using var carol = await cluster[1].Server.ConnectAsync("carol", "phone");
        await JoinAsync(carol, room, "carol");
        await using var dave = await cluster[2].Server.ConnectAsync("dave", "phone");
        await JoinAsync(dave, room, "dave");
        var session = cluster[0].Server.Context.Sessions.Local.Single(session => session.Jid.Local == "bob");
        await moved.DropAsync();
        await TestCluster.UntilAsync(() => session.IsDetached);
        await using var bob = cluster[1].Server.Open(); // whose clock stands still
        await bob.LogInAsync("bob", "example.test", "secret");
        await bob.SendAsync($"<resume xmlns='urn:xmpp:sm:3' previd='{id}' h='0'/>");
        Assert.Equal("resumed", (await bob.ReceiveAsync(element => element.Name is "resumed" or "failed")).Name);

        cluster.Kill(cluster[2]);
        await HearsTheEndAsync(cluster, alice, $"{room}/dave");
        for (var looks = 0; looks < 5; looks++)
        {
            cluster[0].Server.Time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal("result", (await alice.AskAsync($"<iq type='get' to='{room}/alice'><ping xmlns='urn:xmpp:ping'/></iq>")).Attribute("type"));
        }

        await alice.SendAsync($"<message to='{room}' type='groupchat' id='m'><body>b</body></message>");
        foreach (var client in (TestClient[])[alice, bob, carol])
        {
            await client.ReceiveAsync(element => element.Name == "message" && element.Attribute("id") == "m");
        }

        await using var eve = await cluster[1].Server.ConnectAsync("eve", "phone");
        await eve.SendAsync($"<presence to='{room}/eve'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        var there = new HashSet<string>();
        while (!there.Contains("eve"))
        {
            there.Add((await eve.ReceiveAsync(element => element.Name == "presence")).Attribute("from")!.Split('/')[1]);
        }

        Assert.Equal(["alice", "bob", "carol", "eve"], there.Order());
    }

    // A room that is made on a node.
    private static string NameOn(TestCluster cluster, int node) => Enumerable.Range(0, 1000).Select(n => $"room{n}@{Service}")
        .First(room => RegistryPlaces.Of(Encoding.UTF8.GetBytes(PlacementMessages.Name("muc:example.test", room)), cluster[node].Place.View).First == cluster[node].Place.Self);

    private static async Task MakeAsync(TestClient alice, string room)
    {
        await JoinAsync(alice, room, "alice");
        Assert.Equal("result", (await alice.AskAsync($"<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>")).Attribute("type"));
    }

    private static async Task JoinAsync(TestClient client, string room, string nick)
    {
        await client.SendAsync($"<presence to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await client.ReceiveAsync(element => element.Name == "message" && element.Child("subject") is not null);
    }

    // It is looked twice, with some seconds between.
    private static async Task HearsTheEndAsync(TestCluster cluster, TestClient alice, string occupant)
    {
        var began = Stopwatch.StartNew();
        for (var looks = 0; began.Elapsed < TimeSpan.FromSeconds(15); looks++)
        {
            cluster[0].Server.Time.Advance(TimeSpan.FromSeconds(1));
            await alice.SendAsync($"<iq type='get' id='look{looks}'><q xmlns='test:look'/></iq>");
            while (await alice.ReceiveAsync() is var next && next.Attribute("id") != $"look{looks}")
            {
                if (next.Attribute("from") == occupant && next.Attribute("type") == "unavailable")
                {
                    return;
                }
            }
        }

        Assert.Fail($"{occupant} is still in the room: {cluster[0].Server.Log}");
    }
}
