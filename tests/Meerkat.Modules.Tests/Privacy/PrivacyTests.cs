using Meerkat.Modules.Tests.Blocking;
using Meerkat.Modules.Tests.Roster;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Privacy;

public sealed class PrivacyTests
{
    private const string Denied = "<error type='cancel'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    private const string DenyBob = "<item type='jid' value='bob@example.test' action='deny' order='1'/>";

    [Fact] // PRV-002, PRV-003, PRV-004
    public async Task Lists_are_written_read_chosen_and_removed()
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        Fits("", await GetAsync(alice, ""));

        await SetAsync(alice, "<list name='b'><item type='jid' value='BOB@example.test' action='deny' order='9'><message/><presence-out/></item><item action='allow' order='3'/></list>");
        await SetAsync(alice, "<list name='a'><item type='group' value='Work' action='deny' order='1'><iq/><presence-in/></item><item type='subscription' value='none' action='deny' order='2'/></list>");
        await SetAsync(alice, "<default name='a'/>");
        await SetAsync(alice, "<active name='b'/>");
        Fits("<active name='b'/><default name='a'/><list name='a'/><list name='b'/>", await GetAsync(alice, ""));
        Fits("<list name='b'><item action='allow' order='3'/><item type='jid' value='bob@example.test' action='deny' order='9'><message/><presence-out/></item></list>", await GetAsync(alice, "<list name='b'/>"));
        Fits("<list name='a'><item type='group' value='Work' action='deny' order='1'><iq/><presence-in/></item><item type='subscription' value='none' action='deny' order='2'/></list>", await GetAsync(alice, "<list name='a'/>"));

        await SetAsync(alice, "<list name='a'/>", "conflict");
        await SetAsync(alice, "<default/>");
        await SetAsync(alice, "<list name='a'/>");
        await SetAsync(alice, "<active/>");
        Fits("<list name='b'/>", await GetAsync(alice, ""));
        await SetAsync(alice, "<list name='a'/>", "item-not-found");
    }

    [Theory] // PRV-002, PRV-003, PRV-004
    [InlineData("get", "<list name='none'/>", "item-not-found")]
    [InlineData("get", "<list/>", "bad-request")]
    [InlineData("get", "<list name='a'/><list name='b'/>", "bad-request")]
    [InlineData("set", "<list name='a'><item action='deny' order='1'/></list><default/>", "bad-request")]
    [InlineData("set", "<active name='none'/>", "item-not-found")]
    [InlineData("set", "<default name='none'/>", "item-not-found")]
    [InlineData("set", "<list name='a'><thing/></list>", "bad-request")]
    [InlineData("set", "<list><item action='deny' order='1'/></list>", "bad-request")]
    [InlineData("set", "<list name='a'><item action='deny' order='1'/><item action='allow' order='1'/></list>", "bad-request")]
    public async Task What_makes_no_sense_is_refused(string type, string content, string condition)
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        Condition(condition, await alice.AskAsync($"<iq type='{type}'><query xmlns='jabber:iq:privacy'>{content}</query></iq>"));
        Fits("", await GetAsync(alice, ""));
    }

    [Fact] // PRV-001
    public async Task A_request_with_an_address_is_not_for_the_session()
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        Condition("service-unavailable", await alice.AskAsync("<iq type='get' to='alice@example.test'><query xmlns='jabber:iq:privacy'/></iq>"));
        Condition("forbidden", await alice.AskAsync("<iq type='get' to='bob@example.test'><query xmlns='jabber:iq:privacy'/></iq>"));
    }

    [Theory] // PRV-003: such items are left out, the others are taken
    [InlineData("<item order='1'/>")]
    [InlineData("<item action='block' order='1'/>")]
    [InlineData("<item action='deny'/>")]
    [InlineData("<item action='deny' order='-1'/>")]
    [InlineData("<item action='deny' order='x'/>")]
    [InlineData("<item type='jid' action='deny' order='1'/>")]
    [InlineData("<item type='jid' value='@@' action='deny' order='1'/>")]
    [InlineData("<item type='group' value='' action='deny' order='1'/>")]
    [InlineData("<item type='subscription' value='some' action='deny' order='1'/>")]
    [InlineData("<item type='other' value='x' action='deny' order='1'/>")]
    [InlineData("<item action='deny' order='1'><presence/></item>")]
    public async Task Items_that_make_no_sense_are_left_out(string item)
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await SetAsync(alice, $"<list name='a'>{item}<item action='allow' order='5'/></list>");
        var list = (await GetAsync(alice, "<list name='a'/>")).FirstChild!.Value;
        Assert.Equal("5", Assert.Single(list.Children.ToArray()).Attribute("order"));
    }

    [Fact] // PRV-005
    public async Task A_change_is_pushed_to_every_session_with_presence()
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var other = await server.ConnectAsync("alice", "b");
        await using var silent = await server.ConnectAsync("alice", "c");
        await other.BecomeAvailableAsync();
        foreach (var content in new[] { DenyBob, "<item action='deny' order='2'/>", "" })
        {
            await SetAsync(alice, $"<list name='a'>{content}</list>");
            await other.ExpectAsync("<iq type='set' from='alice@example.test' to='alice@example.test/b'><query xmlns='jabber:iq:privacy'><list name='a'/></query></iq>");
        }

        await silent.ExpectNothingAsync();
    }

    public static TheoryData<string, string, bool> Incoming => new()
    {
        // PRV-006, PRV-007, PRV-009; item, stanza, whether it arrives.
        { DenyBob, "<message to='alice@example.test/a' id='x'/>", false },
        { DenyBob, "<message type='error' to='alice@example.test/a' id='x'/>", true },
        { DenyBob, "<presence type='error' to='alice@example.test/a' id='x'/>", true },
        { "<item action='deny' order='1'><message/></item>", "<message to='alice@example.test/a' id='x'/>", false },
        { "<item action='deny' order='1'><message/></item>", "<presence to='alice@example.test/a' id='x'/>", true },
        { "<item action='deny' order='1'><iq/></item>", "<message to='alice@example.test/a' id='x'/>", true },
        { "<item type='jid' value='bob@example.test' action='deny' order='1'><iq/></item>", "<iq type='get' to='alice@example.test/a' id='x'><q xmlns='n'/></iq>", false },
        { "<item action='deny' order='1'><presence-in/></item>", "<presence to='alice@example.test/a' id='x'/>", false },
        { "<item action='deny' order='1'><presence-out/></item>", "<presence to='alice@example.test/a' id='x'/>", true },
        { "<item action='allow' order='1'/>" + DenyBob.Replace("'1'", "'2'", StringComparison.Ordinal), "<message to='alice@example.test/a' id='x'/>", true },
        { "<item action='allow' order='2'/>" + DenyBob, "<message to='alice@example.test/a' id='x'/>", false },
        { "<item type='subscription' value='none' action='deny' order='1'/>", "<message to='alice@example.test/a' id='x'/>", false },
        { "<item type='subscription' value='both' action='deny' order='1'/>", "<message to='alice@example.test/a' id='x'/>", true },
        { "<item type='group' value='Work' action='deny' order='1'/>", "<message to='alice@example.test/a' id='x'/>", false },
        { "<item type='group' value='Play' action='deny' order='1'/>", "<message to='alice@example.test/a' id='x'/>", true },
    };

    [Theory]
    [MemberData(nameof(Incoming))]
    public async Task An_active_list_decides_what_arrives(string items, string stanza, bool arrives)
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test'><group>Work</group></item></query></iq>");
        await SetAsync(alice, $"<list name='a'>{items}</list>");
        await SetAsync(alice, "<active name='a'/>");

        await bob.SendAsync(stanza);

        await bob.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
        if (arrives)
        {
            Assert.Equal("x", (await alice.ReceiveAsync()).Attribute("id"));
        }
        else
        {
            await alice.ExpectNothingAsync();
        }
    }

    [Fact] // PRV-006: a list with groups goes by the roster as it is
    public async Task A_group_counts_as_soon_as_the_contact_is_in_it()
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await SetAsync(alice, "<list name='a'><item type='group' value='Work' action='deny' order='1'/></list>");
        await SetAsync(alice, "<default name='a'/>");
        await bob.SendAsync("<message to='alice@example.test/a' id='1'/>");
        await alice.ExpectAsync("<message id='1'/>");
        await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test'><group>Work</group></item></query></iq>");
        await bob.SendAsync("<message to='alice@example.test/a' id='2'/>");
        await bob.ExpectAsync("<message type='error' id='2'/>");
    }

    [Theory] // PRV-007, PRV-008: what leaves is denied without "blocked"; messages only by items for everything
    [InlineData("<item action='deny' order='1'/>", "message", false)]
    [InlineData("<item action='deny' order='1'><message/></item>", "message", true)]
    [InlineData("<item action='deny' order='1'><presence-out/></item>", "presence", false)]
    [InlineData("<item action='deny' order='1'><presence-in/></item>", "presence", true)]
    public async Task An_active_list_decides_what_leaves(string items, string kind, bool leaves)
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await SetAsync(alice, $"<list name='a'>{items}</list>");
        await SetAsync(alice, "<active name='a'/>");
        await alice.SendAsync($"<{kind} to='bob@example.test/b' id='x'/>");
        if (leaves)
        {
            await bob.ExpectAsync($"<{kind} from='alice@example.test/a' id='x'/>");
        }
        else
        {
            var error = await alice.ExpectAsync($"<{kind} type='error' id='x'>{Denied}</{kind}>");
            Assert.Null(error.Child("error")!.Value.Child("blocked", Ns.BlockingErrors));
            await bob.ExpectNothingAsync();
        }
    }

    [Fact] // PRV-005, XEP-0016 §2.1: an active list is the session's alone and stands before the default
    public async Task An_active_list_holds_for_its_session_only()
    {
        await using var server = await BlockingTests.StartAsync();
        await using var first = await server.ConnectAsync("alice", "a");
        await using var second = await server.ConnectAsync("alice", "b");
        await using var bob = await server.ConnectAsync("bob", "b");
        await SetAsync(first, $"<list name='deny'>{DenyBob}</list>");
        await SetAsync(first, "<list name='allow'><item action='allow' order='1'/></list>");
        await SetAsync(first, "<default name='deny'/>");
        await SetAsync(second, "<active name='allow'/>");
        await bob.SendAsync("<message to='alice@example.test/a' id='1'/><message to='alice@example.test/b' id='2'/>");
        await bob.ExpectAsync("<message type='error' id='1'/>");
        await second.ExpectAsync("<message id='2'/>");
        await first.ExpectNothingAsync();

        // Changed in use: it holds at once.
        await SetAsync(first, $"<list name='allow'>{DenyBob}</list>");
        await bob.SendAsync("<message to='alice@example.test/b' id='3'/>");
        await bob.ExpectAsync("<message type='error' id='3'/>");
    }

    [Theory] // PRV-010
    [InlineData("<default name='a'/>", "<default/>")]
    [InlineData("<active name='a'/>", "<active/>")]
    public async Task A_subscriber_that_may_see_no_more_sees_the_account_leave(string on, string off)
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await RosterTests.BefriendAsync(alice, bob);
        await SetAsync(alice, "<list name='a'><item type='jid' value='bob@example.test' action='deny' order='1'><presence-out/></item></list>");
        await bob.ExpectNothingAsync();

        await SetAsync(alice, on);
        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a' to='bob@example.test'/>");
        await SetAsync(alice, off);
        await bob.ExpectAsync("<presence from='alice@example.test/a' to='bob@example.test'/>");
    }

    [Fact] // PRV-010, CORE-193: an approved subscription does not show what the list denies
    public async Task Who_becomes_a_subscriber_sees_only_what_the_list_lets_out()
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await SetAsync(alice, "<list name='a'><item action='deny' order='1'><presence-out/></item></list>");
        await SetAsync(alice, "<default name='a'/>");
        await bob.SendAsync("<presence type='subscribe' to='alice@example.test'/>");
        await alice.ReceiveAsync(element => element.Attribute("type") == "subscribe");
        await alice.SendAsync("<presence type='subscribed' to='bob@example.test'/>");
        await alice.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
        await bob.ReceiveAsync(element => element.Attribute("type") == "subscribed");
        await bob.ExpectNothingAsync();
    }

    private static Task<XmlElement> AskAsync(TestClient client, string type, string content) =>
        client.AskAsync($"<iq type='{type}'><query xmlns='jabber:iq:privacy'>{content}</query></iq>");

    private static async Task<XmlElement> GetAsync(TestClient client, string content) =>
        (await AskAsync(client, "get", content)).Child("query", Ns.Privacy) ?? throw new InvalidOperationException("no query");

    private static async Task SetAsync(TestClient client, string content, string? condition = null)
    {
        var answer = await AskAsync(client, "set", content);
        if (condition is not null)
        {
            Condition(condition, answer);
            return;
        }

        Assert.True(answer.Attribute("type") == "result", answer.ToString());

        // The push to the client itself, if it is there, comes before the answer to this.
        await AskAsync(client, "get", "");
    }

    private static void Fits(string content, XmlElement query)
    {
        var wanted = XmlElement.Parse($"<query xmlns='jabber:iq:privacy'>{content}</query>");
        Assert.True(XmlElement.ValueEquals(wanted, query), $"expected {wanted}\ngot      {query}");
    }

    private static void Condition(string condition, XmlElement answer) =>
        Assert.True(answer.Child("error")?.Child(condition, Ns.StanzaErrors) is not null, $"expected {condition}, got {answer}");
}
