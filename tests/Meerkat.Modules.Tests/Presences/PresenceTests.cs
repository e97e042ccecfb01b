using Meerkat.Core.Sessions;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Roster;
using Meerkat.Modules.Tests.Roster;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Presences;

public sealed class PresenceTests
{
    private static readonly StreamManagementSettings s_managed = new(0, null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), Keep: true);

    [Fact] // CORE-160, CORE-165: the own presence comes back, and to the account's other available resources
    public async Task Own_resources_see_each_other()
    {
        await using var server = await RosterTests.StartAsync();
        await using var first = await server.ConnectAsync("alice", "a");
        await using var second = await server.ConnectAsync("alice", "b");
        await using var silent = await server.ConnectAsync("alice", "c");

        await first.SendAsync("<presence><status>one</status></presence>");
        await first.ExpectAsync("<presence from='alice@example.test/a' to='alice@example.test'><status>one</status></presence>");
        server.Time.Advance(TimeSpan.FromSeconds(55));
        await second.SendAsync("<presence to='alice@example.test'/>");
        await second.ExpectAsync("<presence from='alice@example.test/a' to='alice@example.test/b'><status>one</status><delay xmlns='urn:xmpp:delay' from='alice@example.test/a' stamp='2030-01-02T03:04:05Z'>Delayed presence</delay></presence>");
        await second.ExpectAsync("<presence from='alice@example.test/b'/>");
        await first.ExpectAsync("<presence from='alice@example.test/b'/>");
        await silent.ExpectNothingAsync();

        await second.SendAsync("<presence type='unavailable'><status>bye</status></presence>");
        await first.ExpectAsync("<presence type='unavailable' from='alice@example.test/b'><status>bye</status></presence>");
        await second.ExpectNothingAsync();
    }

    [Fact] // CORE-159, CORE-166, PRE-003, PRE-007
    public async Task A_log_in_shows_the_contacts_that_are_there_with_the_time_of_their_presence()
    {
        await using var server = await RosterTests.StartAsync();
        await using var bob = await server.ConnectAsync("bob", "b");
        await bob.BecomeAvailableAsync("<presence><show>dnd</show></presence>");
        await using (var alice = await server.ConnectAsync("alice", "a"))
        {
            await alice.BecomeAvailableAsync();
            await RosterTests.BefriendAsync(alice, bob);
        }

        await bob.ReceiveAsync(element => element.Attribute("type") == "unavailable");
        server.Time.Advance(TimeSpan.FromMinutes(1));
        await using var again = await server.ConnectAsync("alice", "a2");
        await again.SendAsync("<presence><status>hi</status></presence>");

        await again.ExpectAsync("<presence from='alice@example.test/a2'/>");
        await again.ExpectAsync("<presence from='bob@example.test/b' to='alice@example.test/a2'><show>dnd</show><delay xmlns='urn:xmpp:delay' from='bob@example.test/b' stamp='2030-01-02T03:04:05Z'/></presence>");
        await bob.ExpectAsync("<presence from='alice@example.test/a2' to='bob@example.test'><status>hi</status></presence>");
        await bob.ExpectNothingAsync(); // the probe is not seen
    }

    [Fact] // CORE-161, CORE-162, CORE-169, PRE-006
    public async Task Subscribers_see_changes_and_the_end()
    {
        await using var server = await RosterTests.StartAsync();
        var (alice, bob) = await FriendsAsync(server);

        await alice.SendAsync("<presence><show>away</show></presence>");
        await bob.ExpectAsync("<presence from='alice@example.test/a'><show>away</show></presence>");
        await alice.SendAsync("<presence type='unavailable'><status>gone</status></presence>");
        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a' to='bob@example.test'><status>gone</status></presence>");
        await alice.SendAsync("<presence/>");
        await bob.ExpectAsync("<presence from='alice@example.test/a'/>");
        await alice.SendAsync("</stream:stream>");
        var last = await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'/>");
        Assert.Null(last.Child("status")); // a normal end has no text
        await bob.ExpectNothingAsync();
    }

    [Theory] // CORE-169, PRE-008
    [InlineData("dropped", "Shutdown by reason: socket_closed")]
    [InlineData("replaced", "Replaced by new connection")]
    [InlineData("kicked", "Shutdown by reason: policy-violation")]
    public async Task Every_end_is_told_with_its_cause(string how, string status)
    {
        await using var server = await RosterTests.StartAsync();
        var (alice, bob) = await FriendsAsync(server);

        switch (how)
        {
            case "dropped":
                await alice.DropAsync();
                break;
            case "replaced":
                await server.ConnectAsync("alice", "a");
                break;
            default:
                (await server.Context.Sessions.FindAsync(FullJid.Parse("alice@example.test/a"), default))!.Kick(StreamError.PolicyViolation());
                break;
        }

        await bob.ExpectAsync($"<presence type='unavailable' from='alice@example.test/a'><status>{status}</status></presence>");
        await bob.ExpectNothingAsync();
    }

    [Fact] // CORE-124, PRE-008: the replacing session does not see the end of the replaced one
    public async Task A_replacing_session_is_not_told_of_the_end_of_the_old_one()
    {
        await using var server = await RosterTests.StartAsync();
        await using var old = await server.ConnectAsync("alice", "a");
        await using var other = await server.ConnectAsync("alice", "b");
        await old.BecomeAvailableAsync();
        await other.BecomeAvailableAsync();

        await using var replacing = await server.ConnectAsync("alice", "a");
        await other.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'><status>Replaced by new connection</status></presence>");
        await replacing.ExpectNothingAsync();
    }

    [Fact] // CORE-163, PRE-002, PRE-006: directed presence is taken back at the end
    public async Task A_stranger_that_got_directed_presence_learns_of_the_end()
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await using var carol = await server.ConnectAsync("carol", "c");

        await alice.SendAsync("<presence to='bob@example.test/b'><show>chat</show></presence>");
        await bob.ExpectAsync("<presence from='alice@example.test/a' to='bob@example.test/b'><show>chat</show></presence>");
        await alice.SendAsync("<presence to='carol@example.test/c'/><presence to='carol@example.test/c' type='unavailable'/>");
        await carol.ExpectAsync("<presence from='alice@example.test/a'/>");
        await carol.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'/>");
        await alice.BecomeAvailableAsync(); // not broadcast to strangers
        await alice.DropAsync();

        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a' to='bob@example.test/b'/>");
        await carol.ExpectNothingAsync();
    }

    [Fact] // CORE-161: who got directed unavailable gets no broadcasts until the next first presence
    public async Task A_subscriber_that_got_directed_unavailable_is_passed_over()
    {
        await using var server = await RosterTests.StartAsync();
        var (alice, bob) = await FriendsAsync(server);

        await alice.SendAsync("<presence type='unavailable' to='bob@example.test'/>");
        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'/>");
        await alice.BecomeAvailableAsync("<presence><show>away</show></presence>");
        await bob.ExpectNothingAsync();
        await bob.SendAsync("<presence type='probe' to='alice@example.test'/>");
        await bob.ExpectNothingAsync();
        await alice.SendAsync("<presence to='bob@example.test'/>");
        await bob.ExpectAsync("<presence from='alice@example.test/a'/>");
        await alice.BecomeAvailableAsync("<presence><show>xa</show></presence>");
        await bob.ExpectAsync("<presence from='alice@example.test/a'><show>xa</show></presence>");
    }

    [Fact] // CORE-166, PRE-007, RFC 6121 §4.3.2
    public async Task A_probe_is_answered_to_those_who_may_know()
    {
        await using var server = await RosterTests.StartAsync();
        var (alice, bob) = await FriendsAsync(server);
        await using var carol = await server.ConnectAsync("carol", "c");

        await bob.SendAsync("<presence type='probe' to='alice@example.test'/>");
        await bob.ExpectAsync("<presence from='alice@example.test/a' to='bob@example.test/b'><delay xmlns='urn:xmpp:delay'/></presence>");
        await carol.SendAsync("<presence type='probe' to='alice@example.test'/>");
        await carol.ExpectNothingAsync();
        await alice.SendAsync("<presence to='carol@example.test'><show>dnd</show></presence>");
        await alice.SendAsync("<presence type='probe' to='alice@example.test/a'/>"); // never to oneself
        await alice.ExpectNothingAsync();
        await carol.SendAsync("<presence type='probe' to='alice@example.test/a'/>");
        var bare = await carol.ExpectAsync("<presence from='alice@example.test/a' to='carol@example.test/c'/>");
        Assert.Empty(bare.Children.ToArray()); // no more than that it is there
    }

    [Theory] // CORE-156, PRE-001
    [InlineData("")]
    [InlineData("to='bob@example.test' ")]
    public async Task An_unknown_type_is_a_bad_request(string to)
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<presence {to}id='p' type='asleep'/>");

        await alice.ExpectAsync("<presence type='error' id='p'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Invalid presence type</text></error></presence>");
        await alice.ExpectNothingAsync();
    }

    [Fact] // CORE-156; RFC 6121 §4.7.1 has no such type
    public async Task The_type_available_is_shown_to_nobody()
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.SendAsync("<presence type='available' xml:lang='de'><status>hier</status></presence>");
        var own = await alice.ExpectAsync("<presence from='alice@example.test/a'><status>hier</status></presence>");
        Assert.Null(own.Attribute("type"));
        Assert.Equal("de", own.Attribute("lang", Xml.XmlNames.XmlNamespace));
        await alice.SendAsync($"<presence type='available' to='{bob.Jid}'/>");
        Assert.Null((await bob.ExpectAsync("<presence from='alice@example.test/a'/>")).Attribute("type"));
    }

    [Theory] // CORE-122, CORE-148, CORE-158, PRE-005
    [InlineData("<presence><priority>5</priority></presence>", 5)]
    [InlineData("<presence type='available'><priority>-1</priority></presence>", -1)]
    [InlineData("<presence><priority>high</priority></presence>", 0)]
    [InlineData("<presence><priority>128</priority></presence>", 0)]
    public async Task The_priority_is_that_of_the_last_presence(string presence, int priority)
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        var session = (await server.Context.Sessions.FindAsync(FullJid.Parse("alice@example.test/a"), default))!;
        Assert.Equal(0, session.Priority); // CORE-121

        await alice.BecomeAvailableAsync(presence);
        Assert.Equal(priority, session.Priority);
        await alice.SendAsync("<presence type='unavailable'/>");
        await alice.ExpectNothingAsync();
        Assert.Null(session.Priority);
    }

    [Fact] // CORE-159, CORE-161, CORE-202: what waited is delivered before the presence is broadcast, and when the priority rises
    public async Task Waiting_messages_come_before_anything_else()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<RosterModule>().Module<PresenceModule>().Module<WaitingModule>());
        await using var alice = await server.ConnectAsync("alice", "a");

        await alice.SendAsync("<presence><priority>-1</priority></presence>");
        await alice.ExpectAsync("<message><body>False -1</body></message>");
        await alice.ExpectAsync("<presence from='alice@example.test/a'/>");
        await alice.SendAsync("<presence><priority>-2</priority></presence>");
        await alice.ExpectAsync("<presence from='alice@example.test/a'/>");
        await alice.SendAsync("<presence><priority>1</priority></presence>");
        await alice.ExpectAsync("<message><body>True 1</body></message>");
        await alice.ExpectAsync("<presence from='alice@example.test/a'/>");
    }

    [Fact] // PRE-010
    public async Task Presence_works_without_a_roster()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<PresenceModule>());
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");

        await bob.BecomeAvailableAsync();
        await alice.BecomeAvailableAsync();
        await alice.SendAsync("<presence to='bob@example.test'/>");
        await bob.ExpectAsync("<presence from='alice@example.test/a'/>");
        await alice.SendAsync("<presence type='subscribe' to='bob@example.test'/>");
        await bob.ExpectNothingAsync();
        await alice.SendAsync("<presence type='unavailable'/>");
        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'/>");
    }

    [Fact] // CORE-170, CORE-171, XEP-0198 §5: contacts see neither the loss of the connection nor the resumption
    public async Task A_resumption_is_silent_and_nothing_is_forgotten()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<RosterModule>().Module<PresenceModule>().Module<ManagingModule>());
        var (alice, bob) = await FriendsAsync(server);
        await using var carol = await server.ConnectAsync("carol", "c");
        await alice.SendAsync("<presence to='carol@example.test/c'/>");
        await carol.ExpectAsync("<presence from='alice@example.test/a'/>");
        var session = (Session)(await server.Context.Sessions.FindAsync(FullJid.Parse("alice@example.test/a"), default))!;
        session.Manage(s_managed, "previd");
        await alice.DropAsync();
        await WaitAsync(() => session.IsDetached);
        await bob.ExpectNothingAsync();

        await using var back = server.Open();
        await back.LogInAsync("alice", "example.test", "secret");
        await back.SendAsync("<resume xmlns='meerkat:test'/>");
        await back.ReceiveAsync(element => element.Name == "resumed");
        await bob.ExpectNothingAsync();
        await back.SendAsync("<presence><show>away</show></presence>");
        await bob.ExpectAsync("<presence from='alice@example.test/a'><show>away</show></presence>");
        await back.SendAsync("</stream:stream>");
        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'/>");
        await carol.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'/>"); // directed presence moved along
    }

    [Fact] // CORE-170: only when nobody resumed in time
    public async Task An_expired_session_is_told_once()
    {
        await using var server = await RosterTests.StartAsync();
        var (alice, bob) = await FriendsAsync(server);
        var session = (Session)(await server.Context.Sessions.FindAsync(FullJid.Parse("alice@example.test/a"), default))!;
        session.Manage(s_managed, "previd");
        await alice.DropAsync();
        await WaitAsync(() => session.IsDetached);
        await bob.ExpectNothingAsync();

        // The timer starts a moment after the session is without its transport.
        await WaitAsync(() =>
        {
            server.Time.Advance(TimeSpan.FromMinutes(11));
            return session.HasEnded;
        });

        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'/>");
        await bob.ExpectNothingAsync();
    }

    [Fact] // PRV: a list is asked about every copy of a broadcast
    public async Task A_privacy_list_keeps_presence_from_a_contact()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<RosterModule>().Module<PresenceModule>().Module<DenyingModule>());
        var (alice, bob) = await FriendsAsync(server);
        DenyingModule.In(server).Denied = "bob@example.test";

        await alice.BecomeAvailableAsync("<presence><show>away</show></presence>");
        await bob.ExpectNothingAsync();
        await bob.SendAsync("<presence type='probe' to='alice@example.test'/>");
        await bob.ExpectNothingAsync();
        var broadcast = DenyingModule.In(server).Broadcast;
        await broadcast.SendUnavailableAsync(BareJid.Parse("alice@example.test"), Jid.Parse("bob@example.test"), default);
        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a' to='bob@example.test'/>");
        await broadcast.SendAvailableAsync(BareJid.Parse("alice@example.test"), Jid.Parse("bob@example.test"), default);
        await bob.ExpectAsync("<presence from='alice@example.test/a' to='bob@example.test'><show>away</show></presence>");
        Assert.Equal(["bob@example.test"], (await broadcast.FindSubscribersAsync(BareJid.Parse("alice@example.test"), default)).Select(jid => jid.ToString()));
    }

    [Fact] // CORE-140: each domain has its own rosters; a contact on another hosted domain is asked there
    public async Task Contacts_on_another_domain_of_the_server_see_each_other()
    {
        await using var server = await TestServer.StartAsync(with =>
        {
            with.Domains = ["example.test", "other.test"];
            with.Module<RosterModule>().Module<PresenceModule>();
        });
        await using var bob = await server.ConnectAsync("bob", "b", "other.test");
        await bob.BecomeAvailableAsync();
        await using (var alice = await server.ConnectAsync("alice", "a"))
        {
            await alice.BecomeAvailableAsync();
            await RosterTests.BefriendAsync(alice, bob);
        }

        await bob.ReceiveAsync(element => element.Attribute("type") == "unavailable");
        await using var again = await server.ConnectAsync("alice", "a");
        await again.BecomeAvailableAsync();
        await again.ExpectAsync("<presence from='bob@other.test/b' to='alice@example.test/a'><delay xmlns='urn:xmpp:delay'/></presence>");
        await bob.ExpectAsync("<presence from='alice@example.test/a'/>");
    }

    internal static async Task<(TestClient Alice, TestClient Bob)> FriendsAsync(TestServer server)
    {
        var alice = await server.ConnectAsync("alice", "a");
        var bob = await server.ConnectAsync("bob", "b");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await RosterTests.BefriendAsync(alice, bob);
        await alice.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
        return (alice, bob);
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }
}
