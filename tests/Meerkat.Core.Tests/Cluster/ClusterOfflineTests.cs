using System.Text;
using Meerkat.Core.Cluster;
using Meerkat.Modules.Offline;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>What waits for an account is handed over once, though several nodes have sessions of it (OFF-006).</summary>
public sealed class ClusterOfflineTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_bob = BareJid.Parse("bob@example.test");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clients_that_come_to_several_nodes_at_once_get_each_message_once(bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        var store = StoreOf(cluster);
        for (var round = 0; round < 5; round++)
        {
            await FillAsync(store, 200);
            var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => cluster[i].Server.ConnectAsync("bob", $"r{round}-{i}")));
            await Task.WhenAll(clients.Select(client => client.SendAsync("<presence/>")));
            while (await store.CountAsync(s_bob, DateTimeOffset.UnixEpoch, None) > 0)
            {
                await Task.Yield();
            }

            var got = (await Task.WhenAll(clients.Select(MessagesAsync))).SelectMany(ids => ids);
            Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}").Order(), got.Order());
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }

            await TestCluster.UntilAsync(() => Enumerable.Range(0, 3).All(i => cluster[i].Directory.Count == 0));
        }
    }

    [Fact]
    public async Task What_a_node_has_claimed_that_died_with_it_is_handed_over_by_another()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two", "three");
        var store = StoreOf(cluster);
        await FillAsync(store, 3);
        await store.ClaimAsync(s_bob, new OfflineClaim(cluster[1].Place.Self.ToString(), cluster[0].Server.Time.GetUtcNow().AddHours(1)), cluster[0].Server.Time.GetUtcNow(), null, None);
        await using var bob = await cluster[0].Server.ConnectAsync("bob", "phone");
        await bob.SendAsync("<presence/>");
        await bob.ExpectAsync("<presence/>");
        Assert.Empty(await MessagesAsync(bob)); // it is the second node's turn
        cluster.Kill(cluster[1]);
        cluster[0].Server.Time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"{i}", (await bob.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
        }
    }

    [Fact] // so that it does not come twice when the node that found it dies between handing it over and removing it
    public async Task What_one_node_finds_for_a_session_of_another_is_handed_over_there()
    {
        await using var cluster = await TestCluster.StartAsync("one", "two");
        var store = StoreOf(cluster);
        await using var bob = await cluster[1].Server.ConnectAsync("bob", "phone");
        await bob.BecomeAvailableAsync();
        await FillAsync(store, 3);
        cluster[1].Server.Context.Events.Post(cluster[0].Place.Self, new ClusterEvent(ClusterTopics.Offline, s_bob)); // the first node has no session of his: it looks later, and finds where one is
        while (await store.CountAsync(s_bob, DateTimeOffset.UnixEpoch, None) > 0)
        {
            cluster[0].Server.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(["0", "1", "2"], await MessagesAsync(bob));
    }

    private static MemoryOfflineStore StoreOf(TestCluster cluster) => cluster.Store<MemoryOfflineStore>(typeof(IOfflineStore));

    private static async Task FillAsync(MemoryOfflineStore store, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var now = DateTimeOffset.UtcNow;
            await store.AddAsync(s_bob, new OfflineMessage(Encoding.UTF8.GetBytes($"<message xmlns='jabber:client' from='alice@example.test/web' to='bob@example.test' type='chat' id='{i}'><body>b</body></message>"), Jid.Parse("alice@example.test/web"), now, now, null), long.MaxValue, None);
        }
    }

    // What has come by the time when the server answers.
    private static async Task<List<string>> MessagesAsync(TestClient client)
    {
        await client.SendAsync("<iq type='get' id='fence'><q xmlns='test:fence'/></iq>");
        var got = new List<string>();
        while (await client.ReceiveAsync() is var next && next.Attribute("id") != "fence")
        {
            if (next.Name == "message")
            {
                got.Add(next.Attribute("id")!);
            }
        }

        return got;
    }
}
