using Meerkat.Modules.Carbons;
using Meerkat.Modules.ClientState;
using Meerkat.Modules.Offline;
using Meerkat.Modules.StreamManagement;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Testing;
using Xunit;
using static Meerkat.Modules.Tests.StreamManagement.SmClient;

namespace Meerkat.Modules.Tests.StreamManagement;

public sealed class StreamManagementTests
{
    private static Task<TestServer> StartAsync(StreamManagementOptions? options = null) =>
        TestServer.StartAsync(with => with.Module<StreamManagementModule>(options ?? new() { Ack = false }).Module<CarbonsModule>().Module<ClientStateModule>());

    [Fact] // CORE-205, STM-001
    public async Task The_feature_is_announced_before_and_after_authentication()
    {
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        Assert.NotNull((await client.OpenStreamAsync()).Child("sm", "urn:xmpp:sm:3"));
    }

    [Theory] // CORE-207
    [InlineData("", false)]
    [InlineData("resume='true'", true)]
    [InlineData("resume='1'", true)]
    public async Task Enable_is_answered_with_an_id_when_resumption_was_asked_for(string attribute, bool hasId)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<enable {Sm} {attribute}/>");
        var enabled = await alice.ExpectAsync($"<enabled {Sm}/>");
        Assert.Equal(hasId, enabled.Attribute("id") is not null);
        Assert.Equal(hasId ? "true" : null, enabled.Attribute("resume"));
    }

    [Theory] // CORE-207, STM-002
    [InlineData($"<enable {Sm} resume='maybe'/>", false)]
    [InlineData($"<enable {Sm}/>", true)]
    public async Task A_wrong_or_second_enable_fails_and_ends_the_stream(string xml, bool enableFirst)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        if (enableFirst)
        {
            await alice.EnableAsync();
        }

        await alice.SendAsync(xml);
        await alice.ExpectAsync($"<failed {Sm}><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        await alice.ExpectEndAsync();
        await Until(() => server.Context.Sessions.Count == 0);
    }

    [Fact] // CORE-206, STM-003
    public async Task Before_bind_it_is_unexpected_and_uses_up_the_retries()
    {
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = await server.LogInOnlyAsync("alice");
        for (var i = 0; i < 6; i++)
        {
            await alice.SendAsync($"<enable {Sm}/>");
            await alice.ExpectAsync($"<failed {Sm}><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        }

        await alice.ExpectEndAsync();
    }

    [Fact] // CORE-209, CORE-210, CORE-119, STM-004
    public async Task Only_stanzas_after_enable_are_counted_the_session_request_too()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<presence/><r {Sm}/>");
        await alice.EnableAsync(); // the request while it was off was ignored
        Assert.Equal(0u, await alice.AskHandledAsync());
        await alice.SendAsync("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq><presence/><message to='example.test'/><active xmlns='urn:xmpp:csi:0'/>");
        Assert.Equal(3u, await alice.AskHandledAsync());
    }

    [Fact] // CORE-211, STM-006
    public async Task An_acknowledgement_is_asked_for_after_every_second_stanza()
    {
        await using var server = await StartAsync(new() { AckFreq = 2 });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.EnableAsync();
        for (var i = 0; i < 4; i++)
        {
            await bob.SendAsync($"<message to='{alice.Jid}' type='chat'><body>{i}</body></message>");
        }

        foreach (var expected in new[] { "message", "message", "r", "message", "message", "r" })
        {
            Assert.Equal(expected, (await alice.ReceiveAsync()).Name);
        }
    }

    [Theory] // CORE-212, CORE-043, STM-005, CORE-042
    [InlineData("h='1'", "undefined-condition")]
    [InlineData("h='x'", "policy-violation")]
    [InlineData("", "policy-violation")]
    public async Task A_wrong_acknowledgement_ends_the_stream_and_the_session(string h, string condition)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.EnableAsync();
        await alice.SendAsync($"<a {Sm} {h}/>");
        var error = await alice.ExpectStreamErrorAsync(condition);
        Assert.Equal(condition == "undefined-condition" ? "You acknowledged more stanzas that what has been sent" : "Invalid h attribute", error.Child("text", "urn:ietf:params:xml:ns:xmpp-streams")?.Text);
        if (condition == "undefined-condition")
        {
            Assert.Equal("0", error.Child("handled-count-too-high", "urn:xmpp:sm:3")!.Value.Attribute("send-count"));
        }

        await Until(() => server.Context.Sessions.Count == 0);
    }

    [Fact] // CORE-213, STM-007, CORE-041
    public async Task Too_many_unacknowledged_stanzas_end_the_session_after_the_grace_time()
    {
        await using var server = await StartAsync(new() { Ack = false, BufferMax = 2 });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.EnableAsync();
        for (var i = 0; i < 3; i++)
        {
            await bob.SendAsync($"<message to='{alice.Jid}' type='chat'><body>{i}</body></message>");
            await alice.ReceiveAsync();
        }

        await alice.SendAsync($"<a {Sm} h='1'/>");
        await alice.AskHandledAsync();
        server.Time.Advance(TimeSpan.FromSeconds(5)); // acknowledged in time
        await alice.ExpectNothingAsync();
        await alice.SendAsync($"<r {Sm}/>");
        await alice.ExpectAsync($"<a {Sm}/>");
        server.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("too many unacked stanzas", (await alice.ExpectStreamErrorAsync("resource-constraint")).Child("text", "urn:ietf:params:xml:ns:xmpp-streams")?.Text);
        for (var i = 0; i < 3; i++)
        {
            // nobody else takes them: they come back (CORE-153)
            if (i > 0)
            {
                await bob.ExpectAsync($"<message type='error'><error><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error><body>{i}</body></message>");
            }
        }
    }

    [Fact] // CORE-215, CORE-217, STM-009, STM-008
    public async Task A_lost_session_gets_on_resumption_what_it_missed_in_order_and_stamped()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "phone");
        await using var bob = await server.ConnectAsync("bob");
        var id = await alice.EnableAsync();
        await alice.SendAsync("<message to='example.test'/>");
        for (var i = 0; i < 2; i++)
        {
            await bob.SendAsync($"<message to='{alice.Jid}' type='chat'><body>{i}</body></message>");
            await alice.ExpectAsync($"<message><body>{i}</body></message>");
        }

        await server.LoseAsync(alice, alice.Jid);
        await bob.SendAsync($"<message to='{alice.BareJid}' type='chat'><body>2</body></message><message to='{alice.Jid}' type='headline'><body>3</body></message>");
        await bob.ExpectNothingAsync();

        for (var round = 0; round < 2; round++) // the same previd stays valid
        {
            await using var again = await server.LogInOnlyAsync("alice");
            await again.SendAsync($"<resume {Sm} previd='{id}' h='1'/>");
            await again.ExpectAsync($"<resumed {Sm} previd='{id}' h='1'/>");
            await again.ExpectAsync("<message><body>1</body><delay xmlns='urn:xmpp:delay' from='example.test'>SM Storage</delay></message>");
            await again.ExpectAsync("<message><body>2</body><delay xmlns='urn:xmpp:delay' from='example.test' stamp='2030-01-02T03:04:05Z'>SM Storage</delay></message>");
            Assert.Null((await again.ExpectAsync("<message type='headline'><body>3</body></message>")).Child("delay", "urn:xmpp:delay"));
            await server.LoseAsync(again, alice.Jid);
        }
    }

    [Fact] // CORE-218, CORE-038
    public async Task Resumption_ends_an_old_connection_that_is_still_there()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "phone");
        var id = await alice.EnableAsync();
        await using var again = await server.LogInOnlyAsync("alice");
        await again.SendAsync($"<resume {Sm} previd='{id}' h='0'/>");
        await again.ExpectAsync($"<resumed {Sm} h='0'/>");
        await alice.ExpectStreamErrorAsync("conflict");
        await again.ExpectNothingAsync();
        Assert.Equal(1, server.Context.Sessions.Count);

        // Who reads the log sees one session that went on, not two (AUTH-198).
        Assert.Single(server.Log.Entries, entry => entry.Text.Contains($"Session {alice.Jid} opened on stream", StringComparison.Ordinal));
        Assert.Single(server.Log.Entries, entry => entry.Text.Contains($"Session {alice.Jid} resumed on stream", StringComparison.Ordinal));
    }

    [Fact] // CORE-219, STM-010: the old session must not leak
    public async Task A_count_too_high_in_resume_ends_both()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "phone");
        var id = await alice.EnableAsync();
        await server.LoseAsync(alice, alice.Jid);
        await using var again = await server.LogInOnlyAsync("alice");
        await again.SendAsync($"<resume {Sm} previd='{id}' h='5'/>");
        await again.ExpectStreamErrorAsync("undefined-condition");
        await Until(() => server.Context.Sessions.Count == 0);
        Assert.Null(server.Context.Resumptions.Find(id));
    }

    [Theory] // CORE-219
    [InlineData("previd='nobody' h='0'", "item-not-found")]
    [InlineData("h='0'", "bad-request")]
    [InlineData("previd='nobody'", "bad-request")]
    [InlineData("previd='nobody' h='-1'", "bad-request")]
    public async Task A_resumption_that_fails_leaves_the_stream_to_bind(string attributes, string condition)
    {
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = await server.LogInOnlyAsync("alice");
        await alice.SendAsync($"<resume {Sm} {attributes}/>");
        var failed = await alice.ExpectAsync($"<failed {Sm}><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        Assert.Null(failed.Attribute("h"));
        await alice.BindAsync();
    }

    [Fact] // XEP-0198 §9: an id is no password
    public async Task Nobody_resumes_the_session_of_another_account()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        var id = await alice.EnableAsync();
        await server.Accounts.AddAsync("mallory@example.test", "secret");
        await using var mallory = await server.LogInOnlyAsync("mallory");
        await mallory.SendAsync($"<resume {Sm} previd='{id}' h='0'/>");
        await mallory.ExpectAsync($"<failed {Sm}><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        await alice.ExpectNothingAsync();
    }

    [Fact] // CORE-220, CORE-222, STM-011, CORE-204
    public async Task An_expired_session_leaves_its_messages_to_others_and_its_count_to_its_client()
    {
        await using var server = await StartAsync(new() { Ack = false, ResumeTimeout = TimeSpan.FromSeconds(60), StaleH = new() { Enabled = true, Geriatric = TimeSpan.FromSeconds(100) } });
        await using var phone = await server.ConnectAsync("alice", "phone");
        await using var desk = await server.ConnectAsync("alice", "desk");
        await using var bob = await server.ConnectAsync("bob");
        var id = await phone.EnableAsync();
        await phone.SendAsync("<message to='example.test'/><message to='example.test'/>");
        await phone.AskHandledAsync();
        await server.LoseAsync(phone, phone.Jid);
        for (var i = 0; i < 3; i++)
        {
            await bob.SendAsync($"<message to='{phone.Jid}' type='chat'><body>{i}</body></message>");
        }

        await bob.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromSeconds(60));
        for (var i = 0; i < 3; i++)
        {
            await desk.ExpectAsync($"<message><body>{i}</body><delay xmlns='urn:xmpp:delay'/></message>");
        }

        await using var again = await server.LogInOnlyAsync("alice");
        await again.SendAsync($"<resume {Sm} previd='{id}' h='0'/>");
        await again.ExpectAsync($"<failed {Sm} h='2'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        server.Time.Advance(TimeSpan.FromSeconds(100));
        await using var late = await server.LogInOnlyAsync("alice");
        await late.SendAsync($"<resume {Sm} previd='{id}' h='0'/>");
        Assert.Null((await late.ExpectAsync($"<failed {Sm}/>")).Attribute("h"));
    }

    [Fact] // CORE-124, STM-011
    public async Task What_a_replaced_session_did_not_get_goes_to_the_new_one()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "phone");
        await using var bob = await server.ConnectAsync("bob");
        await alice.EnableAsync();
        await server.LoseAsync(alice, alice.Jid);
        await bob.SendAsync($"<message to='{alice.Jid}' type='chat'><body>1</body></message>");
        await bob.ExpectNothingAsync();
        await using var again = await server.ConnectAsync("alice", "phone");
        await again.ExpectAsync("<message><body>1</body><delay xmlns='urn:xmpp:delay'>SM Storage</delay></message>");
    }

    [Fact] // CORE-216, CORE-047
    public async Task A_clean_close_cannot_be_resumed()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        var id = await alice.EnableAsync();
        await alice.SendAsync("</stream:stream>");
        await alice.ExpectEndAsync();
        await using var again = await server.LogInOnlyAsync("alice");
        await again.SendAsync($"<resume {Sm} previd='{id}' h='0'/>");
        await again.ExpectAsync($"<failed {Sm}><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
    }

    [Fact] // CORE-216
    public async Task A_stop_of_the_server_ends_sessions_without_a_connection_too()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.EnableAsync();
        await server.LoseAsync(alice, alice.Jid);
        await server.Context.EndSessionsAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, server.Context.Sessions.Count);
    }

    [Fact] // CORE-224, CORE-227, CORE-228, CRB-006
    public async Task Carbons_survive_resumption_and_an_inactive_client_is_active_again_with_everything_that_was_held()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "phone");
        await using var desk = await server.ConnectAsync("alice", "desk");
        await using var bob = await server.ConnectAsync("bob");
        var id = await alice.EnableAsync();
        await alice.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await alice.SendAsync("<inactive xmlns='urn:xmpp:csi:0'/>");
        await alice.AskHandledAsync();
        await bob.SendAsync($"<message to='{alice.Jid}' type='chat'><body>held</body></message>");
        await bob.ExpectNothingAsync();
        await server.LoseAsync(alice, alice.Jid);
        await using var again = await server.LogInOnlyAsync("alice");
        await again.SendAsync($"<resume {Sm} previd='{id}' h='1'/>");
        await again.ExpectAsync($"<resumed {Sm} h='1'/>");
        await again.ExpectAsync("<message><body>held</body></message>");
        await bob.SendAsync($"<message to='{desk.Jid}' type='chat'><body>copied</body></message>");
        await again.ExpectAsync("<message><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>copied</body></message></forwarded></received></message>");
    }

    [Fact] // CORE-213: nothing is kept, but nothing is thrown away unsent
    public async Task Without_a_buffer_only_what_could_not_be_sent_comes_on_resumption()
    {
        await using var server = await StartAsync(new() { Buffer = false, Ack = false });
        await using var alice = await server.ConnectAsync("alice", "phone");
        await using var bob = await server.ConnectAsync("bob");
        var id = await alice.EnableAsync();
        await bob.SendAsync($"<message to='{alice.Jid}' type='chat'><body>1</body></message>");
        await alice.ExpectAsync("<message><body>1</body></message>");
        await server.LoseAsync(alice, alice.Jid);
        await bob.SendAsync($"<message to='{alice.Jid}' type='chat'><body>2</body></message>");
        await bob.ExpectNothingAsync();
        await using var again = await server.LogInOnlyAsync("alice");
        await again.SendAsync($"<resume {Sm} previd='{id}' h='1'/>");
        await again.ExpectAsync($"<resumed {Sm}/>");
        await again.ExpectAsync("<message><body>2</body></message>");
        await again.ExpectNothingAsync();
    }

    [Fact] // STM-014, CORE-025
    public async Task Log_in_and_resumption_can_be_sent_at_once()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        var id = await alice.EnableAsync();
        await server.LoseAsync(alice, alice.Jid);
        await using var again = server.Open();
        const string header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='example.test'>";
        var plain = Convert.ToBase64String("\0alice\0secret"u8);
        await again.SendAsync($"{header}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>{header}<resume {Sm} previd='{id}' h='0'/>");
        await Until(() => again.Connection.Stream.Session is not null);
        Assert.Equal(alice.Jid, again.Connection.Stream.Session!.Jid.ToString());
    }

    // CORE-203, STM-011, STM-013: three clients of an account are gone one after the other, and each had the message.
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)] // one of them has said that it got it
    public async Task What_several_lost_sessions_kept_comes_once(bool isAcknowledged, int expected)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<StreamManagementModule>(new StreamManagementOptions { Ack = false }).Module<OfflineModule>().Module<PlainPresenceModule>());
        await using var bob = await server.ConnectAsync("bob");
        string[] resources = ["phone", "tablet", "desk"];
        var clients = new List<TestClient>();
        foreach (var resource in resources)
        {
            var alice = await server.ConnectAsync("alice", resource);
            clients.Add(alice);
            await alice.EnableAsync();
        }

        await bob.SendAsync("<message to='alice@example.test' type='chat' id='once'><body>hello</body></message>");
        foreach (var alice in clients)
        {
            await alice.ReceiveAsync(element => element.Attribute("id") == "once");
        }

        if (isAcknowledged)
        {
            var session = await server.SessionAsync("alice@example.test/desk");
            await clients[2].SendAsync($"<a {Sm} h='{session.Output.Unacknowledged}'/>");
            await Until(() => session.Output.Unacknowledged == 0);
        }

        for (var i = 0; i < clients.Count; i++)
        {
            await server.LoseAsync(clients[i], $"alice@example.test/{resources[i]}");
            server.Time.Advance(TimeSpan.FromSeconds(600));
            await Until(() => server.Context.Sessions.Count == clients.Count - i);
            await clients[i].DisposeAsync();
        }

        await using var back = await server.ConnectAsync("alice", "new");
        await back.SendAsync("<presence/><message to='alice@example.test/new' id='last'/>");
        var got = 0;
        while ((await back.ReceiveAsync(element => element.Name == "message")).Attribute("id") == "once")
        {
            got++;
        }

        Assert.Equal(expected, got);
    }
}
