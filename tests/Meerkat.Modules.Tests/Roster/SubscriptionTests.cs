using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Roster;

public sealed class SubscriptionTests
{
    [Fact] // PRE-009, RFC 6121 §3.1, CORE-164, CORE-192, CORE-193
    public async Task A_subscription_is_asked_for_granted_and_shows_presence_at_once()
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync("<presence><show>away</show></presence>");

        await alice.SendAsync("<presence type='subscribe' to='bob@example.test/ignored' id='s1'><status>hello</status></presence>");
        await alice.ExpectAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' subscription='none' ask='subscribe'/></query></iq>");
        await bob.ExpectAsync("<presence type='subscribe' id='s1' from='alice@example.test' to='bob@example.test'><status>hello</status></presence>");
        await bob.ExpectNothingAsync(); // a request alone is not pushed
        Assert.Empty(await RosterTests.ItemsAsync(bob));

        await bob.SendAsync("<presence type='subscribed' to='alice@example.test'/>");
        await bob.ExpectAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='alice@example.test' subscription='from'/></query></iq>");
        var push = await alice.ExpectAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' subscription='to'/></query></iq>");
        Assert.Null(push.FirstChild!.Value.FirstChild!.Value.Attribute("ask"));
        await alice.ExpectAsync("<presence type='subscribed' from='bob@example.test' to='alice@example.test'/>");
        await alice.ExpectAsync("<presence from='bob@example.test/b'><show>away</show></presence>");
    }

    [Fact] // CORE-190, CORE-193, ROS-008, RFC 6121 §3.3
    public async Task Unsubscribing_takes_presence_away_and_is_answered()
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await RosterTests.BefriendAsync(alice, bob);

        await alice.SendAsync("<presence type='unsubscribe' to='bob@example.test'/>");

        await alice.ReceiveAsync(element => RosterTests.IsPush(element, "from"));
        await alice.ExpectAsync("<presence type='unavailable' from='bob@example.test/b'/>");
        await alice.ExpectNothingAsync(); // the automatic unsubscribed changed nothing
        await bob.ReceiveAsync(element => RosterTests.IsPush(element, "to"));
        await bob.ExpectAsync("<presence type='unsubscribe' from='alice@example.test'/>");
    }

    [Fact] // PRE-009, RFC 6121 §3.2, CORE-193
    public async Task Cancelling_a_contacts_subscription_sends_unavailable()
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await RosterTests.BefriendAsync(alice, bob);

        await alice.SendAsync("<presence type='unsubscribed' to='bob@example.test'/>");

        await bob.ReceiveAsync(element => RosterTests.IsPush(element, "from"));
        await bob.ExpectAsync("<presence type='unsubscribed' from='alice@example.test'/>");
        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'/>");
        await alice.ReceiveAsync(element => RosterTests.IsPush(element, "to"));
        await alice.ExpectNothingAsync();
    }

    [Fact] // CORE-191, CORE-161, PRE-004, ROS-009
    public async Task A_request_waits_and_is_delivered_at_every_presence_until_it_is_answered()
    {
        await using var server = await RosterTests.StartAsync();
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var alice = await server.ConnectAsync("alice", "a");
        await alice.BecomeAvailableAsync();
        await alice.SendAsync("<presence type='subscribe' to='bob@example.test'><status>it is me &amp; you</status><x xmlns='app:x'/></presence>");
        await alice.ReceiveAsync(element => RosterTests.IsPush(element, "none"));
        await alice.ExpectNothingAsync();

        await using var bob = await server.ConnectAsync("bob", "b");
        for (var i = 0; i < 2; i++)
        {
            await bob.BecomeAvailableAsync();
            var request = await bob.ExpectAsync("<presence type='subscribe' from='alice@example.test' to='bob@example.test'><status>it is me &amp; you</status></presence>");
            Assert.Single(request.Children.ToArray());
        }

        await bob.SendAsync("<presence type='unsubscribed' to='alice@example.test'/>");
        await alice.ReceiveAsync(element => RosterTests.IsPush(element, "none"));
        await alice.ExpectAsync("<presence type='unsubscribed' from='bob@example.test'/>");
        await bob.BecomeAvailableAsync();
        await bob.ExpectNothingAsync();
        Assert.Empty(await RosterTests.ItemsAsync(bob)); // CORE-192: the row is gone
    }

    [Fact] // CORE-168
    public async Task A_request_to_an_account_that_does_not_exist_vanishes()
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await alice.BecomeAvailableAsync();

        await alice.SendAsync("<presence type='subscribe' to='nobody@example.test'/>");

        await alice.ReceiveAsync(element => RosterTests.IsPush(element, "none"));
        await alice.ExpectNothingAsync();
        Assert.Empty(await RosterStoreOf(server, "nobody@example.test"));
    }

    [Fact] // CORE-178, CORE-190, ROS-008: asking again for what one has
    public async Task A_repeated_request_is_granted_by_the_server()
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await RosterTests.BefriendAsync(alice, bob);
        await alice.SendAsync($"<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' name='B'/></query></iq>");
        await RosterTests.ItemsAsync(alice);
        await RosterTests.ItemsAsync(bob);

        await alice.SendAsync("<presence type='subscribe' to='bob@example.test'/>");

        await bob.ExpectNothingAsync();
        await alice.ExpectNothingAsync();
    }

    [Fact] // A named item is the account's own: a declined request neither hides nor deletes it
    public async Task A_named_item_survives_a_declined_request()
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await bob.BecomeAvailableAsync();
        await bob.AskAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='alice@example.test' name='Al'/></query></iq>");
        await alice.SendAsync("<presence type='subscribe' to='bob@example.test'/>");
        await bob.ReceiveAsync(element => element.Attribute("type") == "subscribe");
        Assert.Contains("alice@example.test", (await RosterTests.ItemsAsync(bob)).Keys);

        await bob.SendAsync("<presence type='unsubscribed' to='alice@example.test'/>");

        Assert.Equal("Al", (await RosterTests.ItemsAsync(bob))["alice@example.test"].Attribute("name"));
    }

    [Fact] // PRE-003: one sees oneself anyway
    public async Task A_request_to_oneself_does_nothing()
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await alice.BecomeAvailableAsync();

        await alice.SendAsync("<presence type='subscribe' to='alice@example.test'/>");

        await alice.ExpectNothingAsync();
        Assert.Empty(await RosterTests.ItemsAsync(alice));
    }

    private static async Task<IReadOnlyList<Modules.Roster.RosterItem>> RosterStoreOf(TestServer server, string account) =>
        await ((Modules.Roster.RosterModule)server.Host.Modules["mod_roster"]).ListAsync(BareJid.Parse(account), default);
}
