using System.Diagnostics;
using System.Globalization;
using Meerkat.Testing;
using Meerkat.Testing.Databases;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>What clients of three nodes, each a process, see of each other (docs/examples/cluster, docs/cluster.md).</summary>
[Collection("Nodes of a cluster")] // one at a time, beside other tests: most of it is waiting
public sealed class ClusterTrafficTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(6 + 20); // failure_time, and what a busy machine may take

    private static int s_accounts;

    private readonly string _alice = $"alice{Interlocked.Increment(ref s_accounts)}";
    private readonly string _bob = $"bob{s_accounts}";

    [Fact] // CORE-145, CORE-148, OPS-012
    public async Task Messages_and_requests_reach_sessions_on_other_nodes_in_order()
    {
        await using var alice = await nodes.LogInAsync(0, _alice, "web");
        await using var phone = await nodes.LogInAsync(1, _bob, "phone");
        await using var tablet = await nodes.LogInAsync(2, _bob, "tablet");
        await phone.BecomeAvailableAsync();
        await tablet.BecomeAvailableAsync();
        await phone.ReceiveAsync(element => element.Attribute("from") == tablet.Jid);
        for (var i = 0; i < 100; i++)
        {
            await alice.SendAsync($"<message to='{_bob}@localhost{(i % 2 == 0 ? "" : "/phone")}' type='chat' id='{i}'><body>b</body></message>");
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"{i}", await MessageAsync(phone));
            if (i % 2 == 0)
            {
                Assert.Equal($"{i}", await MessageAsync(tablet));
            }
        }

        await alice.SendAsync($"<iq type='get' to='{phone.Jid}' id='q'><q xmlns='test:q'/></iq>");
        await phone.ExpectAsync($"<iq type='get' from='{alice.Jid}' id='q'><q xmlns='test:q'/></iq>");
        await phone.SendAsync($"<iq type='result' to='{alice.Jid}' id='q'/>");
        await alice.ExpectAsync($"<iq type='result' from='{phone.Jid}' id='q'/>");
        await alice.SendAsync($"<iq type='get' to='{_bob}@localhost/none' id='n'><q xmlns='test:q'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='n'/>");
    }

    [Fact] // CORE-159 to 164, CORE-193, CORE-199
    public async Task Presence_and_roster_pushes_cross_nodes_and_every_node_goes_by_the_roster_as_it_is_now()
    {
        await using var alice = await nodes.LogInAsync(0, _alice, "web");
        await using var other = await nodes.LogInAsync(2, _alice, "tablet");
        await using var bob = await nodes.LogInAsync(1, _bob, "phone");
        await alice.BecomeAvailableAsync();
        await other.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await BefriendAsync(alice, bob);
        await other.ReceiveAsync(element => PushOf(element, bob.BareJid) == "to");
        await other.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.Attribute("type") is null);

        await bob.SendAsync("<presence><show>dnd</show></presence>");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.ChildText("show") == "dnd");

        // A probe is answered where the prober is, from what that node has in memory of the contact's roster.
        await alice.SendAsync($"<presence type='probe' to='{bob.BareJid}'/>");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.ChildText("show") == "dnd");
        await bob.AskAsync($"<iq type='set'><query xmlns='jabber:iq:roster'><item jid='{alice.BareJid}' subscription='remove'/></query></iq>");
        await alice.ReceiveAsync(element => PushOf(element, bob.BareJid) == "none");
        await other.ReceiveAsync(element => PushOf(element, bob.BareJid) == "none");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.Attribute("type") == "unavailable");
        await alice.SendAsync($"<presence type='probe' to='{bob.BareJid}'/>");
        await bob.SendAsync("<presence><show>away</show></presence>");
        await bob.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.ChildText("show") == "away");
        // Behind both on the way between the two nodes.
        await bob.SendAsync($"<message to='{alice.Jid}' type='chat' id='behind'><body>b</body></message>");
        var next = await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid);
        Assert.Equal("behind", next.Attribute("id"));
    }

    [Fact] // XEP-0280
    public async Task Carbons_reach_the_accounts_other_clients_on_other_nodes()
    {
        await using var alice = await nodes.LogInAsync(0, _alice, "web");
        await using var phone = await nodes.LogInAsync(1, _bob, "phone");
        await using var tablet = await nodes.LogInAsync(2, _bob, "tablet");
        await phone.BecomeAvailableAsync();
        await phone.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await tablet.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await alice.SendAsync($"<message to='{phone.Jid}' type='chat' id='m'><body>b</body></message>");
        Assert.Equal("m", await MessageAsync(phone));
        Assert.NotNull((await tablet.ReceiveAsync(element => element.Name == "message")).Child("received", Ns.Carbons));
        await tablet.SendAsync($"<message to='{alice.Jid}' type='chat' id='r'><body>b</body></message>");
        Assert.Equal("r", await MessageAsync(alice));
        Assert.NotNull((await phone.ReceiveAsync(element => element.Name == "message")).Child("sent", Ns.Carbons));
    }

    [Fact] // CORE-124
    public async Task The_same_full_JID_on_another_node_ends_the_older_session()
    {
        await using var old = await nodes.LogInAsync(0, _bob, "phone");
        await old.BecomeAvailableAsync();
        await using var young = await nodes.LogInAsync(1, _bob, "phone");
        await old.ExpectStreamErrorAsync("conflict");
        await young.BecomeAvailableAsync();
        await using var alice = await nodes.LogInAsync(0, _alice, "web");
        await alice.SendAsync($"<message to='{young.Jid}' type='chat' id='m'><body>b</body></message>");
        Assert.Equal("m", await MessageAsync(young));
    }

    [Fact] // XEP-0198 §5
    public async Task A_session_is_resumed_on_another_node_and_nothing_is_lost_or_comes_twice()
    {
        await using var alice = await nodes.LogInAsync(0, _alice, "web");
        var bob = await nodes.LogInAsync(1, _bob, "phone");
        await bob.SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        var id = (await bob.ReceiveAsync(element => element.Name == "enabled")).Attribute("id");
        await bob.BecomeAvailableAsync();
        await alice.SendAsync($"<message to='{_bob}@localhost' type='chat' id='0'><body>b</body></message>");
        Assert.Equal("0", await MessageAsync(bob));
        bob.Socket!.Close();
        for (var i = 1; i <= 20; i++)
        {
            await alice.SendAsync($"<message to='{_bob}@localhost' type='chat' id='{i}'><body>b</body></message>");
        }

        // Behind them on the way between the two nodes: they have arrived.
        await using var other = await nodes.LogInAsync(1, _alice, "other");
        await alice.SendAsync($"<message to='{other.Jid}' type='chat' id='behind'><body>b</body></message>");
        Assert.Equal("behind", await MessageAsync(other));
        await using var again = await TestClient.ConnectAsync(nodes[2].Clients, "localhost");
        await again.LogInAsync(_bob, "localhost", "secret");
        await again.SendAsync($"<resume xmlns='urn:xmpp:sm:3' previd='{id}' h='2'/>"); // presence and the first message
        Assert.Equal("resumed", (await again.ReceiveAsync(element => element.Name is "resumed" or "failed")).Name);
        for (var i = 21; i <= 40; i++)
        {
            await alice.SendAsync($"<message to='{_bob}@localhost' type='chat' id='{i}'><body>b</body></message>");
        }

        for (var i = 1; i <= 40; i++)
        {
            Assert.Equal($"{i}", await MessageAsync(again));
        }
    }

    [Fact] // BLK-005: on the node where it was said, and on the others
    public async Task Who_is_blocked_on_one_node_is_blocked_on_all()
    {
        await using var phone = await nodes.LogInAsync(1, _bob, "phone");
        await using var tablet = await nodes.LogInAsync(2, _bob, "tablet");
        await using var alice = await nodes.LogInAsync(0, _alice, "web");
        await using var near = await nodes.LogInAsync(2, _alice, "near");
        await phone.BecomeAvailableAsync();
        await tablet.BecomeAvailableAsync();
        await phone.ReceiveAsync(element => element.Attribute("from") == tablet.Jid);
        await phone.AskAsync($"<iq type='set'><block xmlns='urn:xmpp:blocking'><item jid='{_alice}@localhost'/></block></iq>");
        foreach (var sender in (TestClient[])[alice, near])
        {
            await sender.SendAsync($"<message to='{tablet.Jid}' type='chat' id='b'><body>b</body></message>");
            Assert.Equal("error", (await sender.ReceiveAsync(element => element.Name == "message")).Attribute("type"));
        }

        await phone.AskAsync($"<iq type='set'><unblock xmlns='urn:xmpp:blocking'><item jid='{_alice}@localhost'/></unblock></iq>");
        await near.SendAsync($"<message to='{tablet.Jid}' type='chat' id='u'><body>b</body></message>");
        Assert.Equal("u", await MessageAsync(tablet));
    }

    [Fact] // MUC-102: clients of all nodes come at once
    public async Task A_room_that_nodes_make_at_once_has_one_creator()
    {
        await using var alice = await nodes.LogInAsync(0, _alice, "web");
        await using var bob = await nodes.LogInAsync(1, _bob, "phone");
        await using var carol = await nodes.LogInAsync(2, _alice, "tablet");
        for (var n = 0; n < 10; n++)
        {
            TestClient[] clients = [alice, bob, carol];
            var room = $"{_alice}-race{n}@muc.localhost";
            await Task.WhenAll(clients.Select(client => client.SendAsync($"<presence to='{room}/n'><x xmlns='http://jabber.org/protocol/muc'/></presence>")));

            var creators = new List<TestClient>();
            foreach (var client in clients)
            {
                var answer = await client.ReceiveAsync(element => element.Name == "presence" && element.Attribute("from") == $"{room}/n");
                if (answer.Attribute("type") is null)
                {
                    creators.Add(client);
                }
                else
                {
                    Assert.NotNull(answer.Child("error")!.Value.Child("item-not-found", "urn:ietf:params:xml:ns:xmpp-stanzas"));
                }
            }

            await Assert.Single(creators).SendAsync($"<presence to='{room}/n' type='unavailable'/>");
        }
    }

    [Fact] // architecture §6: a room lives on one node, its occupants on any
    public async Task Rooms_are_the_same_on_all_nodes()
    {
        await using var alice = await nodes.LogInAsync(0, _alice, "web");
        await using var bob = await nodes.LogInAsync(1, _bob, "phone");
        await using var carol = await nodes.LogInAsync(2, _alice, "tablet");
        for (var n = 0; n < 6; n++) // some of them live elsewhere
        {
            var room = $"{_alice}-{n}@muc.localhost";
            foreach (var (client, nick) in ((TestClient, string)[])[(alice, "a"), (bob, "b"), (carol, "c")])
            {
                await client.SendAsync($"<presence to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
                await client.ReceiveAsync(element => element.Name == "message" && element.Child("subject") is not null);
                if (client == alice)
                {
                    await alice.AskAsync($"<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
                }
            }

            for (var i = 0; i < 10; i++)
            {
                await alice.SendAsync($"<message to='{room}' type='groupchat' id='a{i}'><body>b</body></message>");
                await bob.SendAsync($"<message to='{room}' type='groupchat' id='b{i}'><body>b</body></message>");
            }

            var seen = new List<string[]>();
            foreach (var client in (TestClient[])[alice, bob, carol])
            {
                var got = new string[20];
                for (var i = 0; i < got.Length; i++)
                {
                    got[i] = await MessageAsync(client);
                }

                seen.Add(got);
            }

            Assert.Equal(seen[0], seen[1]);
            Assert.Equal(seen[0], seen[2]);
            Assert.Equal(Enumerable.Range(0, 10).Select(i => $"a{i}"), seen[0].Where(id => id[0] == 'a'));
            Assert.Equal(Enumerable.Range(0, 10).Select(i => $"b{i}"), seen[0].Where(id => id[0] == 'b'));
        }

        foreach (var client in (TestClient[])[alice, bob, carol])
        {
            var items = (await client.AskAsync("<iq type='get' to='muc.localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")).Child("query", "http://jabber.org/protocol/disco#items")!.Value;
            Assert.Equal(6, items.Children.ToArray().Count(item => item.Attribute("jid")!.StartsWith(_alice + "-", StringComparison.Ordinal)));
        }

        // Its connection ends: the room hears of that, wherever it is.
        carol.Socket!.Close();
        await bob.ReceiveAsync(element => element.Attribute("from") == $"{_alice}-5@muc.localhost/c" && element.Attribute("type") == "unavailable");
    }

    [Theory] // OPS-022, OPS-029; contacts are told, other than in OPS-030
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task Sessions_of_a_node_that_ends_are_gone_their_contacts_know_and_what_they_did_not_get_waits_for_them(string signal)
    {
        await using var alice = await nodes.LogInAsync(0, _alice, "web");
        await alice.BecomeAvailableAsync();
        await using var bob = await nodes.LogInAsync(2, _bob, "phone");
        await bob.BecomeAvailableAsync();
        await BefriendAsync(alice, bob);
        try
        {
            Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 ACTIVE"], await nodes[0].StatesAsync());
            var (ended, said) = (Stopwatch.StartNew(), nodes[0].Said);
            nodes[2].Signal(signal);
            await alice.SendAsync($"<message to='{bob.BareJid}' type='chat' id='meanwhile'><body>b</body></message>");
            await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.Attribute("type") == "unavailable");
            Assert.InRange(ended.Elapsed, TimeSpan.Zero, Bound);
            Assert.Equal(signal == "KILL" ? 128 + 9 : 0, await nodes[2].WaitForExitAsync());
            Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 GONE"], await nodes[1].StatesAsync());
            Assert.Equal(signal == "KILL", nodes[0].Log.IndexOf("Node node3 was given up by the others", said, StringComparison.Ordinal) >= 0);
            await alice.SendAsync($"<iq type='get' to='{bob.Jid}' id='gone'><q xmlns='test:q'/></iq>");
            await alice.ReceiveAsync(element => element.Attribute("id") == "gone" && element.Attribute("type") == "error");
            await alice.SendAsync($"<message to='{bob.BareJid}' type='chat' id='behind'><body>b</body></message>");
            await alice.ExpectNothingAsync();

            await using var again = await nodes.LogInAsync(1, _bob, "phone");
            await again.SendAsync("<presence/>");
            var got = new HashSet<string>();
            while (!got.Contains("behind"))
            {
                got.Add(await MessageAsync(again));
            }

            // The first may have reached the client's socket before its node died; where its node ended in order, it was stored or it arrived.
            Assert.Subset(new HashSet<string> { "meanwhile", "behind" }, got);
        }
        finally
        {
            await nodes[2].WaitForExitAsync();
            await nodes[2].StartAsync();
        }

        Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 ACTIVE"], await nodes[1].StatesAsync());

        await using var back = await nodes.LogInAsync(2, _bob, "tablet");
        await back.BecomeAvailableAsync();
        await alice.ReceiveAsync(element => element.Attribute("from") == back.Jid && element.Attribute("type") is null);
    }

    [Fact] // architecture §6
    public async Task A_node_that_was_suspended_ends_its_sessions_before_it_serves_again_and_their_contacts_knew_before()
    {
        await using var alice = await nodes.LogInAsync(0, _alice, "web");
        await alice.BecomeAvailableAsync();
        await using var bob = await nodes.LogInAsync(2, _bob, "phone");
        await bob.BecomeAvailableAsync();
        await BefriendAsync(alice, bob);
        var said = nodes[2].Said;
        nodes[2].Signal("STOP");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.Attribute("type") == "unavailable");
        await using var young = await nodes.LogInAsync(1, _bob, "phone"); // the same full JID
        await young.BecomeAvailableAsync();
        nodes[2].Signal("CONT");
        await bob.ExpectStreamErrorAsync("system-shutdown");
        await nodes[2].SaysAsync("The other nodes have given this one up", said);
        await nodes[2].SaysAsync("Meerkat is ready", said);
        await alice.SendAsync($"<message to='{young.Jid}' type='chat' id='m'><body>b</body></message>");
        Assert.Equal("m", await MessageAsync(young));
        await using var back = await nodes.LogInAsync(2, _bob, "tablet");
        await back.BecomeAvailableAsync();
        await alice.ReceiveAsync(element => element.Attribute("from") == back.Jid && element.Attribute("type") is null);
    }

    [Fact] // CONF-057: the authority of sessions, and the members, in Redis
    public async Task The_nodes_may_know_sessions_from_Redis()
    {
        Assert.SkipWhen(RedisProcess.Missing is not null, RedisProcess.Missing ?? "");
        await using var redis = await RedisProcess.CreateAsync();
        var web = new Queue<int>();
        await using var two = new ThreeNodes(2, toml =>
        {
            web.Enqueue(FreePort.Next());
            return toml.Replace("[general]", "[general]\n  sm_backend = \"redis\"", StringComparison.Ordinal)
                + $"\n[outgoing_pools.redis.default.connection]\n  port = {redis.Port}\n  password = \"{RedisProcess.Password}\"\n"
                + $"\n[[listen.http]]\n  port = {web.Last()}\n  ip_address = \"127.0.0.1\"\n  [[listen.http.handlers.health]]\n    host = \"_\"\n    path = \"/health\"\n";
        });
        await two.InitializeAsync();
        await using var alice = await two.LogInAsync(0, _alice, "web");
        await using var old = await two.LogInAsync(0, _bob, "phone");
        await using var young = await two.LogInAsync(1, _bob, "phone");
        await old.ExpectStreamErrorAsync("conflict");
        await young.BecomeAvailableAsync();
        await alice.BecomeAvailableAsync();
        await BefriendAsync(alice, young);
        await alice.SendAsync($"<message to='{young.BareJid}' type='chat' id='m'><body>b</body></message>");
        Assert.Equal("m", await MessageAsync(young));
        two[1].Signal("KILL");
        await alice.ReceiveAsync(element => element.Attribute("from") == young.Jid && element.Attribute("type") == "unavailable");
        await using var again = await two.LogInAsync(0, _bob, "phone");

        // Who distributes clients is told that none can log in here.
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{web.Peek()}/health/") };
        Assert.Equal("ready", await http.GetStringAsync(new Uri("ready", UriKind.Relative), TestContext.Current.CancellationToken));
        await redis.KillAsync();
        var waited = Stopwatch.StartNew();
        string said;
        do
        {
            Assert.InRange(waited.Elapsed, TimeSpan.Zero, Bound);
            await Task.Delay(50, TestContext.Current.CancellationToken);
            said = await (await http.GetAsync(new Uri("ready", UriKind.Relative), TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
        while (!said.Contains("\"redis default\"", StringComparison.Ordinal)); // and "cluster", once the lease has run out that is confirmed there
    }

    [Fact] // architecture §6: what clients of one node say to each other is nobody else's business
    public async Task Messages_between_sessions_of_one_node_call_no_other()
    {
        var ports = new List<int>();
        await using var two = new ThreeNodes(2, toml =>
        {
            ports.Add(FreePort.Next());
            return toml + $"\n[instrumentation.prometheus]\n[[listen.http]]\n  port = {ports[^1]}\n  ip_address = \"127.0.0.1\"\n  handlers.mongoose_prometheus_handler = [{{host = \"_\", path = \"/metrics\"}}]\n";
        });
        await two.InitializeAsync();
        using var http = new HttpClient();
        await using var alice = await two.LogInAsync(0, _alice, "web");
        await using var near = await two.LogInAsync(0, _bob, "phone");
        await near.BecomeAvailableAsync();
        var sent = 0;
        await ChatAsync(near, $"{_bob}@localhost", 1);

        // What its log-in and presence still have to tell is told, sooner or later; a message that asked would do so in each round.
        for (var (round, before) = (0, -1L); before != await CallsAsync(); round++)
        {
            Assert.True(round < 20, "messages ask");
            before = await CallsAsync();
            await ChatAsync(near, near.Jid, 50);
            await ChatAsync(near, near.BareJid, 50);
        }

        await using var far = await two.LogInAsync(1, _bob, "tablet");
        await ChatAsync(far, far.Jid, 1);
        var quiet = await CallsAsync();
        await ChatAsync(far, far.Jid, 20);
        Assert.True(await CallsAsync() > quiet, "messages to the other node do not go by what was counted");

        async Task ChatAsync(TestClient to, string jid, int count)
        {
            sent += count;
            for (var i = 0; i < count; i++)
            {
                await alice.SendAsync($"<message to='{jid}' type='chat' id='m'><body>b</body></message>");
                await MessageAsync(to);
            }
        }

        // Batches that another node took, and questions for an authority, wherever that is. What is told of metrics may be a little old: it is new when all messages are in it.
        async Task<long> CallsAsync()
        {
            while (await SumAsync(ports[0], "meerkat_stanzas_received_total{", "kind=\"message\"") < sent)
            {
                await Task.Yield();
            }

            var sum = 0L;
            foreach (var port in ports)
            {
                sum += await SumAsync(port, "meerkat_cluster_batches_total", "") + await SumAsync(port, "meerkat_cluster_registry_calls_total", "");
            }

            return sum;
        }

        async Task<long> SumAsync(int port, string name, string label)
        {
            var said = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), TestContext.Current.CancellationToken);
            return said.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
                .Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
        }
    }

    private static async Task<string> MessageAsync(TestClient client) => (await client.ReceiveAsync(element => element.Name == "message")).Attribute("id")!;

    private static string? PushOf(Meerkat.Xml.XmlElement element, string contact) =>
        element.Child("query", "jabber:iq:roster")?.FirstChild is { } item && item.Attribute("jid") == contact ? item.Attribute("subscription") : null;

    private static async Task BefriendAsync(TestClient alice, TestClient bob)
    {
        await alice.SendAsync($"<presence type='subscribe' to='{bob.BareJid}'/>");
        await bob.ReceiveAsync(element => element.Attribute("type") == "subscribe");
        await bob.SendAsync($"<presence type='subscribed' to='{alice.BareJid}'/>");
        await alice.ReceiveAsync(element => element.Attribute("from") == bob.Jid && element.Attribute("type") is null);
    }
}
