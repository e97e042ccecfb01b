using Meerkat.Core.Access;
using Meerkat.Core.Streams;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Streams;

/// <summary>CORE §§11 to 13: binding, the session of RFC 3921, conflicts and limits.</summary>
public sealed class BindingTests
{
    [Fact] // CORE-112, CORE-354
    public async Task Binding_and_an_optional_session_are_offered()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        var features = await client.LogInAsync("alice", "example.test", "secret");

        Assert.NotNull(features.Child("bind", Ns.Bind));
        Assert.NotNull(features.Child("session", Ns.Session)?.Child("optional"));
        Assert.Null(features.Child("mechanisms", Ns.Sasl));
    }

    [Fact] // CORE-114, CORE-115
    public async Task A_requested_resource_is_granted_unchanged()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "my phone ☎");

        Assert.Equal("alice@example.test/my phone ☎", alice.Jid);
    }

    [Fact] // CORE-114
    public async Task Without_a_request_the_server_chooses()
    {
        await using var server = await TestServer.StartAsync();
        await using var one = await server.ConnectAsync("alice");
        await using var two = await server.ConnectAsync("alice");

        Assert.NotEqual(one.Jid, two.Jid);
    }

    [Fact] // CORE-113, CORE-046: five more after the first
    public async Task What_is_no_bind_request_uses_up_attempts()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        await client.LogInAsync("alice", "example.test", "secret");
        for (var i = 0; i < 6; i++)
        {
            await client.SendAsync("<iq type='get' id='x'><query xmlns='jabber:iq:roster'/></iq>");
            await client.ExpectAsync($"<iq type='error' id='x'><error type='modify'><bad-request xmlns='{Ns.StanzaErrors}'/></error></iq>");
        }

        Assert.Equal(XmlFrameKind.StreamEnd, (await client.ReceiveFrameAsync())?.Kind);
        await client.ExpectEndAsync();
    }

    [Fact] // RFC 6120 §8.2.3, CORE-113
    public async Task A_bind_request_has_one_child()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        await client.LogInAsync("alice", "example.test", "secret");
        await client.SendAsync($"<iq type='set' id='x'><bind xmlns='{Ns.Bind}'/><bind xmlns='{Ns.Bind}'/></iq>");
        await client.ExpectAsync($"<iq type='error' id='x'><error type='modify'><bad-request xmlns='{Ns.StanzaErrors}'/></error></iq>");
        await client.BindAsync("r");
        await client.SendAsync($"<iq type='set' id='s'><session xmlns='{Ns.Session}'/><session xmlns='{Ns.Session}'/></iq>");
        await client.ExpectAsync($"<iq type='error' id='s'><error type='modify'><bad-request xmlns='{Ns.StanzaErrors}'/></error></iq>");
    }

    [Fact] // CORE-114
    public async Task A_resource_that_cannot_be_prepared_is_refused_and_another_taken()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        await client.LogInAsync("alice", "example.test", "secret");
        await client.SendAsync($"<iq type='set' id='x'><bind xmlns='{Ns.Bind}'><resource>{new string('r', 1024)}</resource></bind></iq>");
        await client.ExpectAsync($"<iq type='error' id='x'><error><bad-request xmlns='{Ns.StanzaErrors}'/></error></iq>");
        await client.BindAsync("r");
    }

    [Fact] // CORE-117
    public async Task Who_the_access_rule_denies_gets_no_session()
    {
        await using var server = await TestServer.StartAsync(with => with.Access["c2s"] = [new AccessClause { Acl = "all", Value = AccessValue.Deny }]);
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open(new ClientProfile { Access = "c2s" });
        await client.LogInAsync("alice", "example.test", "secret");
        await client.SendAsync($"<iq type='set' id='x'><bind xmlns='{Ns.Bind}'/></iq>");

        await client.ExpectAsync($"<iq type='error' id='x'><error type='cancel'><not-allowed xmlns='{Ns.StanzaErrors}'/></error></iq>");
        Assert.Equal(0, server.Context.Sessions.Count);
    }

    [Fact] // CORE-037, CORE-123, RFC 6120 §7.7.2.2
    public async Task The_older_session_of_a_full_JID_ends_with_a_conflict()
    {
        await using var server = await TestServer.StartAsync();
        await using var older = await server.ConnectAsync("alice", "r");
        await using var newer = await server.ConnectAsync("alice", "r");

        var error = await older.ExpectStreamErrorAsync("conflict");
        Assert.Equal("Replaced by new connection", error.Child("text", Ns.StreamErrors)?.Text);
        await newer.ExpectNothingAsync();
        Assert.Equal(1, server.Context.Sessions.Count);
    }

    [Fact] // CORE-125
    public async Task One_session_too_many_ends_the_oldest()
    {
        await using var server = await TestServer.StartAsync(with => with.Access["max_user_sessions"] = [new AccessClause { Acl = "all", Value = AccessValue.Of(2) }]);
        await using var first = await server.ConnectAsync("alice", "1");
        await using var second = await server.ConnectAsync("alice", "2");
        await using var third = await server.ConnectAsync("alice", "3");

        await first.ExpectStreamErrorAsync("conflict");
        await second.ExpectNothingAsync();
        await third.ExpectNothingAsync();
    }

    [Fact] // CORE-040
    public async Task A_server_that_stops_says_so()
    {
        var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync();
        alice.Connection.Interrupt(StreamError.SystemShutdown);

        await alice.ExpectStreamErrorAsync("system-shutdown");
        await server.DisposeAsync();
    }

    [Fact] // CORE-035, CORE-128
    public async Task A_foreign_sender_ends_the_stream()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message from='bob@example.test' to='carol@example.test'/>");

        await alice.ExpectStreamErrorAsync("invalid-from");
    }

    // RFC 6120 §8.1.2.1: Converse.js says so where it whispers to an occupant of a room.
    [Theory]
    [InlineData("room@conference.example.test/alice", "room@conference.example.test/bob", true)]
    [InlineData("room@conference.example.test", "room@conference.example.test/bob", false)]
    [InlineData("other@conference.example.test/alice", "room@conference.example.test/bob", false)]
    public async Task An_address_in_the_recipients_room_gives_way_to_the_senders_own(string from, string to, bool passes)
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await alice.SendAsync($"<message from='{from}' to='{to}' type='chat' id='w'/>");
        if (passes)
        {
            Assert.Equal(alice.Jid, (await alice.ReceiveAsync(element => element.Attribute("id") == "w")).Attribute("to")); // nobody is there, and it comes back to her
        }
        else
        {
            await alice.ExpectStreamErrorAsync("invalid-from");
        }
    }

    [Theory] // CORE-128
    [InlineData("")]
    [InlineData(" from='alice@example.test'")]
    [InlineData(" from='ALICE@example.test'")]
    [InlineData(" from='alice@example.test/a'")]
    public async Task The_own_addresses_may_send_and_the_full_one_is_seen(string from)
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.SendAsync($"<message{from} to='{bob.Jid}'/>");

        await bob.ExpectAsync($"<message from='{alice.Jid}' to='{bob.Jid}'/>");
    }

    [Fact] // CORE-129
    public async Task A_malformed_recipient_is_an_error_and_the_session_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await alice.SendAsync("<message to='@@@' id='m'/>");
        await alice.ExpectAsync($"<message type='error' id='m'><error type='modify'><jid-malformed xmlns='{Ns.StanzaErrors}'/></error></message>");
        await alice.ExpectNothingAsync();
    }
}
