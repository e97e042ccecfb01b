using Meerkat.Core.Modules;
using Meerkat.Modules.Blocking;
using Meerkat.Modules.Disco;
using Meerkat.Modules.Offline;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Privacy;
using Meerkat.Modules.Roster;
using Meerkat.Modules.Tests.Roster;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Blocking;

public sealed class BlockingTests
{
    private const string List = "<iq type='get'><blocklist xmlns='urn:xmpp:blocking'/></iq>";
    private const string Unavailable = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    private const string Blocked = "<error type='cancel'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><blocked xmlns='urn:xmpp:blocking:errors'/></error>";

    [Fact] // BLK-001, BLK-002, BLK-003, XEP-0191 §3.2 to §3.4
    public async Task The_list_holds_what_was_blocked_and_is_the_default_privacy_list()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        Assert.Empty(await ListAsync(alice));

        await BlockAsync(alice, "BOB@example.test", "@@", "carol@example.test/desk", "bob@example.test");
        Assert.Equal(["bob@example.test", "carol@example.test/desk"], await ListAsync(alice));
        await BlockAsync(alice, "other.test");
        var names = await alice.AskAsync("<iq type='get'><query xmlns='jabber:iq:privacy'/></iq>");
        Assert.True(TestClient.Fits(names, XmlElement.Parse("<iq type='result'><query xmlns='jabber:iq:privacy'><default name='blocking'/><list name='blocking'/></query></iq>", Ns.Client)), names.ToString());

        await UnblockAsync(alice, "nobody@example.test", "carol@example.test/desk");
        Assert.Equal(["bob@example.test", "other.test"], await ListAsync(alice));
        await UnblockAsync(alice);
        Assert.Empty(await ListAsync(alice));
    }

    [Theory] // BLK-002, BLK-003
    [InlineData("<iq type='set'><block xmlns='urn:xmpp:blocking'/></iq>", "bad-request")]
    [InlineData("<iq type='get'><block xmlns='urn:xmpp:blocking'><item jid='bob@example.test'/></block></iq>", "bad-request")]
    [InlineData("<iq type='set'><blocklist xmlns='urn:xmpp:blocking'/></iq>", "bad-request")]
    [InlineData("<iq type='get' to='alice@example.test'><blocklist xmlns='urn:xmpp:blocking'/></iq>", "service-unavailable")]
    [InlineData("<iq type='set' to='bob@example.test'><block xmlns='urn:xmpp:blocking'><item jid='x@example.test'/></block></iq>", "forbidden")]
    public async Task What_makes_no_sense_is_refused(string iq, string condition)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        Assert.NotNull((await alice.AskAsync(iq)).Child("error")?.Child(condition, Ns.StanzaErrors));
        Assert.Empty(await ListAsync(alice));
    }

    [Fact] // BLK-001
    public async Task The_server_says_that_it_can()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        var info = await alice.AskAsync("<iq type='get' to='example.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var features = info.FirstChild!.Value.Children.ToArray().Select(child => child.Attribute("var"));
        Assert.Contains("urn:xmpp:blocking", features);
        Assert.Contains("jabber:iq:privacy", features);
    }

    [Fact] // BLK-004, XEP-0191 §3.3
    public async Task Every_resource_that_is_there_learns_what_changed()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var other = await server.ConnectAsync("alice", "b");
        await using var silent = await server.ConnectAsync("alice", "c");
        await other.BecomeAvailableAsync();

        await BlockAsync(alice, "bob@example.test", "carol@example.test");
        await other.ExpectAsync("<iq type='set' from='alice@example.test' to='alice@example.test/b'><block xmlns='urn:xmpp:blocking'><item jid='bob@example.test'/><item jid='carol@example.test'/></block></iq>");
        await UnblockAsync(alice, "bob@example.test", "nobody@example.test");
        var push = await other.ExpectAsync("<iq type='set'><unblock xmlns='urn:xmpp:blocking'><item jid='bob@example.test'/></unblock></iq>");
        Assert.Single(push.FirstChild!.Value.Children.ToArray());
        await UnblockAsync(alice, "nobody@example.test");
        await other.ExpectNothingAsync();
        await UnblockAsync(alice);
        push = await other.ExpectAsync("<iq type='set'><unblock xmlns='urn:xmpp:blocking'/></iq>");
        Assert.Empty(push.FirstChild!.Value.Children.ToArray());
        await silent.ExpectNothingAsync();
    }

    [Theory] // PRV-009, XEP-0191 §3.3
    [InlineData("<message to='alice@example.test' type='chat' id='x'><body>hi</body></message>", true)]
    [InlineData("<message to='alice@example.test/a' id='x'><body>hi</body></message>", true)]
    [InlineData("<message to='alice@example.test/gone' id='x'><body>hi</body></message>", true)]
    [InlineData("<message to='alice@example.test/a' type='headline' id='x'><body>hi</body></message>", true)]
    [InlineData("<iq to='alice@example.test/a' type='get' id='x'><query xmlns='jabber:iq:version'/></iq>", true)]
    [InlineData("<message to='alice@example.test/a' type='groupchat' id='x'><body>hi</body></message>", false)]
    [InlineData("<iq to='alice@example.test/a' type='result' id='x'/>", false)]
    [InlineData("<presence to='alice@example.test/a' id='x'/>", false)]
    [InlineData("<presence to='alice@example.test' type='subscribe' id='x'/>", false)]
    public async Task What_a_blocked_contact_sends_does_not_arrive(string stanza, bool answered)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.BecomeAvailableAsync();
        await BlockAsync(alice, "bob@example.test");
        await alice.AskAsync(List);

        await bob.SendAsync(stanza);

        if (answered)
        {
            var error = await bob.ReceiveAsync(element => element.Attribute("id") == "x");
            Assert.True(TestClient.Fits(error, XmlElement.Parse($"<{error.Name} type='error' id='x'>{Unavailable}</{error.Name}>", Ns.Client)), error.ToString());
        }

        // Behind a stanza that does arrive, because what comes between two clients is in order.
        await bob.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
        await alice.ExpectNothingAsync();
    }

    [Theory] // PRV-009, XEP-0191 §3.3: a request that the server answers for the account would tell who is there
    [InlineData("http://jabber.org/protocol/disco#items", true)]
    [InlineData("http://jabber.org/protocol/disco#info", true)]
    [InlineData("http://jabber.org/protocol/disco#items", false)]
    public async Task What_a_blocked_contact_asks_the_account_itself_is_refused(string ns, bool online)
    {
        await using var server = await StartAsync();
        await using var bob = await server.ConnectAsync("bob", "b");
        await bob.BecomeAvailableAsync();
        var ask = $"<iq to='alice@example.test' type='get'><query xmlns='{ns}'/></iq>";
        await using (var alice = await server.ConnectAsync("alice", "a"))
        {
            await alice.BecomeAvailableAsync();
            await RosterTests.BefriendAsync(alice, bob);
            Assert.Equal("result", (await bob.AskAsync(ask)).Attribute("type"));
            await alice.AskAsync(List);
            await BlockAsync(alice, "bob@example.test");
            Assert.Equal("result", (await alice.AskAsync($"<iq to='alice@example.test' type='get'><query xmlns='{ns}'/></iq>")).Attribute("type"));
            await bob.ReceiveAsync(element => element.Attribute("type") == "unavailable");
            if (online)
            {
                var refused = await bob.AskAsync(ask);
                Assert.True(TestClient.Fits(refused, XmlElement.Parse($"<iq type='error'>{Unavailable}</iq>", Ns.Client)), refused.ToString());
                await UnblockAsync(alice, "bob@example.test");
                Assert.Equal("result", (await bob.AskAsync(ask)).Attribute("type"));
                return;
            }

            await alice.SendAsync("</stream:stream>");
            await alice.ExpectEndAsync();
        }

        var error = await bob.AskAsync(ask);
        Assert.True(TestClient.Fits(error, XmlElement.Parse($"<iq type='error'>{Unavailable}</iq>", Ns.Client)), error.ToString());
    }

    [Theory] // PRV-008, CORE-333
    [InlineData("<message to='bob@example.test' type='chat' id='x'><body>hi</body></message>")]
    [InlineData("<message to='bob@example.test/b' id='x'><body>hi</body></message>")]
    [InlineData("<iq to='bob@example.test/b' type='get' id='x'><query xmlns='jabber:iq:version'/></iq>")]
    [InlineData("<presence to='bob@example.test/b' id='x'/>")]
    public async Task What_is_sent_to_a_blocked_contact_is_refused(string stanza)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await bob.BecomeAvailableAsync();
        await BlockAsync(alice, "bob@example.test");

        await alice.SendAsync(stanza);

        var error = await alice.ReceiveAsync();
        Assert.True(TestClient.Fits(error, XmlElement.Parse($"<{error.Name} type='error' id='x'>{Blocked}</{error.Name}>", Ns.Client)), error.ToString());
        await bob.ExpectNothingAsync();

        await UnblockAsync(alice, "bob@example.test");
        await alice.SendAsync("<message to='bob@example.test/b'><body>again</body></message>");
        await bob.ExpectAsync("<message from='alice@example.test/a'><body>again</body></message>");
    }

    [Fact] // PRV-007: errors pass
    public async Task An_error_passes_in_both_directions()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await BlockAsync(alice, "bob@example.test");
        await bob.SendAsync("<message type='error' to='alice@example.test/a' id='1'/>");
        await alice.ExpectAsync("<message type='error' from='bob@example.test/b' id='1'/>");
        await alice.SendAsync("<message type='error' to='bob@example.test/b' id='2'/>");
        await bob.ExpectAsync("<message type='error' from='alice@example.test/a' id='2'/>");
    }

    [Fact] // BLK-005, PRV-010, XEP-0191 §3.3, §3.4
    public async Task A_blocked_subscriber_sees_the_account_leave_and_come_back_when_it_is_unblocked()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.BecomeAvailableAsync("<presence><status>here</status></presence>");
        await bob.BecomeAvailableAsync();
        await RosterTests.BefriendAsync(alice, bob);
        await alice.AskAsync(List);

        await BlockAsync(alice, "bob@example.test");
        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a' to='bob@example.test'/>");

        // Neither sees the other any more.
        await alice.SendAsync("<presence><status>secret</status></presence>");
        await alice.ReceiveAsync(element => element.ChildText("status") == "secret");
        await bob.ExpectNothingAsync();
        await bob.SendAsync("<presence><status>secret</status></presence>");
        await bob.ExpectAsync("<presence from='bob@example.test/b'/>");
        await alice.ExpectNothingAsync();
        await bob.SendAsync("<presence type='probe' to='alice@example.test'/>");
        await bob.ExpectNothingAsync();

        await UnblockAsync(alice, "bob@example.test");
        await bob.ExpectAsync("<presence from='alice@example.test/a' to='bob@example.test'><status>secret</status></presence>");
    }

    [Fact] // BLK-005: nor that a session begins or ends
    public async Task A_blocked_subscriber_sees_no_log_in_and_no_end()
    {
        await using var server = await StartAsync();
        await using var bob = await server.ConnectAsync("bob", "b");
        await bob.BecomeAvailableAsync();
        await using (var alice = await server.ConnectAsync("alice", "a"))
        {
            await alice.BecomeAvailableAsync();
            await RosterTests.BefriendAsync(alice, bob);
            await alice.AskAsync(List);
            await BlockAsync(alice, "bob@example.test");
            await bob.ReceiveAsync(element => element.Attribute("type") == "unavailable");
            await alice.SendAsync("</stream:stream>");
            await alice.ExpectEndAsync();
        }

        await bob.ExpectNothingAsync();
        await using var again = await server.ConnectAsync("alice", "a2");
        await again.SendAsync("<presence/>");
        await again.ExpectAsync("<presence from='alice@example.test/a2'/>");
        await again.ExpectNothingAsync(); // bob's presence is not shown either
        await bob.ExpectNothingAsync();
        await bob.SendAsync("<message to='alice@example.test' type='chat' id='x'><body>hi</body></message>");
        await bob.ExpectAsync($"<message type='error' id='x'>{Unavailable}</message>");
    }

    [Fact] // CORE-153: to nobody in particular it is not kept
    public async Task A_message_of_a_blocked_contact_does_not_wait_for_the_account()
    {
        await using var server = await StartAsync();
        await using var bob = await server.ConnectAsync("bob", "b");
        await using (var alice = await server.ConnectAsync("alice", "a"))
        {
            await BlockAsync(alice, "bob@example.test");
            await alice.SendAsync("</stream:stream>");
            await alice.ExpectEndAsync();
        }

        await bob.SendAsync("<message to='alice@example.test' type='chat'><body>hi</body></message>");
        await bob.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
        await using var again = await server.ConnectAsync("alice", "a");
        await again.SendAsync("<presence/>");
        await again.ExpectAsync("<presence from='alice@example.test/a'/>");
    }

    [Theory] // BLK-006, PRV-006
    [InlineData("bob@example.test", true)]
    [InlineData("bob@example.test/b", true)]
    [InlineData("example.test/b", true)]
    [InlineData("example.test", true)]
    [InlineData("bob@example.test/c", false)]
    [InlineData("example.test/c", false)]
    [InlineData("robert@example.test", false)]
    [InlineData("other.test", false)]
    public async Task An_address_is_blocked_in_four_grains(string jid, bool fits)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await BlockAsync(alice, jid);
        await bob.SendAsync("<message to='alice@example.test/a' id='x'><body>hi</body></message>");
        if (fits)
        {
            await bob.ExpectAsync($"<message type='error' id='x'>{Unavailable}</message>");
        }
        else
        {
            await alice.ExpectAsync("<message id='x'/>");
        }
    }

    [Fact]
    public async Task A_block_holds_after_a_restart()
    {
        var store = new MemoryPrivacyStore();
        await using (var server = await StartAsync(store))
        {
            await using var alice = await server.ConnectAsync("alice", "a");
            await BlockAsync(alice, "bob@example.test");
        }

        await using var restarted = await StartAsync(store);
        await using var again = await restarted.ConnectAsync("alice", "a");
        await using var bob = await restarted.ConnectAsync("bob", "b");
        await bob.SendAsync("<message to='alice@example.test/a' id='x'><body>hi</body></message>");
        await bob.ExpectAsync($"<message type='error' id='x'>{Unavailable}</message>");
        Assert.Equal(["bob@example.test"], await ListAsync(again));
    }

    internal static Task<TestServer> StartAsync(IPrivacyStore? store = null) => TestServer.StartAsync(with =>
    {
        with.Module<BlockingModule>().Module<RosterModule>().Module<PresenceModule>().Module<OfflineModule>().Module<DiscoModule>();
        if (store is not null)
        {
            with.Stores = new OneStore(store, with.Stores);
        }
    });

    internal static Task BlockAsync(TestClient client, params string[] jids) => SetAsync(client, "block", jids);

    internal static Task UnblockAsync(TestClient client, params string[] jids) => SetAsync(client, "unblock", jids);

    private static async Task SetAsync(TestClient client, string name, string[] jids)
    {
        var answer = await client.AskAsync($"<iq type='set'><{name} xmlns='urn:xmpp:blocking'>{string.Concat(jids.Select(jid => $"<item jid='{jid}'/>"))}</{name}></iq>");
        Assert.True(answer.Attribute("type") == "result", answer.ToString());

        // The push to the client itself, if it is there, comes before the answer to this.
        await client.AskAsync(List);
    }

    private static async Task<string?[]> ListAsync(TestClient client) =>
        [.. (await client.AskAsync(List)).Child("blocklist", Ns.Blocking)!.Value.Children.ToArray().Select(item => item.Attribute("jid"))];

    private sealed class OneStore(IPrivacyStore store, IStoreProvider others) : IStoreProvider
    {
        public object? Create(Type contract, Meerkat.Core.Hosts.HostType host, object? options) =>
            contract == typeof(IPrivacyStore) ? store : others.Create(contract, host, options);
    }
}
