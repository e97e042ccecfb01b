using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Connections.Bosh;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Connections.Tests.Bosh;

/// <summary>BOSH sessions over real HTTP (XEP-0124, XEP-0206, CORE §23). The server's clock stands still unless a test moves it.</summary>
public sealed class BoshTests
{
    // HTP-BOSH-05, CORE-260, CORE-356, XEP-0124 §7.2, XEP-0206 §3.
    [Fact]
    public async Task The_first_answer_says_what_was_agreed_on_and_has_the_features()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        var answer = await client.OpenAsync("wait='30' hold='5' to='example.test'");
        Assert.Matches("^[0-9a-f]{40}$", answer.Attribute("sid"));
        Assert.Equal(
            ("30", "2", "1", "30", "120", "example.test", "1.11"),
            (answer.Attribute("wait"), answer.Attribute("requests"), answer.Attribute("hold"), answer.Attribute("inactivity"), answer.Attribute("maxpause"), answer.Attribute("from"), answer.Attribute("ver")));
        Assert.Equal("1.0", answer.Attribute("version", Ns.XmppBosh));
        Assert.Equal("true", answer.Attribute("restartlogic", Ns.XmppBosh));
        Assert.Null(answer.Attribute("ack"));
        var features = answer.Child("features", Ns.Stream)!.Value;
        Assert.NotNull(features.Child("mechanisms", Ns.Sasl));
        Assert.Null(features.Child("starttls", Ns.Tls)); // CORE-267
    }

    [Theory]
    [InlineData("wait='60' hold='1'", "improper-addressing")]
    [InlineData("wait='60' hold='1' to=''", "improper-addressing")]
    [InlineData("wait='60' hold='1' to='far.example'", "host-unknown")]
    [InlineData("wait='60' hold='1' to='me@example.test'", "host-unknown")]
    [InlineData("wait='60' hold='0' to='example.test'", "undefined-condition")]
    [InlineData("wait='60' hold='x' to='example.test'", "undefined-condition")]
    [InlineData("wait='60' to='example.test'", "undefined-condition")]
    [InlineData("wait='-1' hold='1' to='example.test'", "undefined-condition")]
    [InlineData("hold='1' to='example.test' sid='0123'", "item-not-found")] // CORE-265
    [InlineData("hold='1' to='example.test' type='terminate'", "item-not-found")]
    public async Task A_start_that_makes_no_sense_is_refused(string start, string condition)
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        var answer = await client.OpenAsync(start);
        Assert.Equal(("terminate", condition), (answer.Attribute("type"), answer.Attribute("condition")));
        Assert.Equal(0, on.Bosh.Count);
    }

    // HTP-BOSH-06, HTP-BOSH-07, CORE-261, CORE-266.
    [Fact]
    public async Task A_client_logs_in_and_chats_both_ways()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var poll = client.NextAsync($"<message xmlns='jabber:client' to='{bob.Jid}' type='chat'><body>one</body></message><message to='{bob.Jid}' type='chat'><body>two</body></message>");
        await bob.ExpectAsync("<message from='alice@example.test/web' type='chat'><body>one</body></message>");
        await bob.ExpectAsync("<message from='alice@example.test/web' type='chat'><body>two</body></message>"); // it said no namespace
        await bob.SendAsync("<message to='alice@example.test/web' type='chat'><body>back &amp; forth</body></message>");
        var message = (await poll).Child("message", Ns.Client)!.Value;
        Assert.Equal(("bob@example.test/phone", "back & forth"), (message.Attribute("from"), message.ChildText("body")));
    }

    // HTP-BOSH-06: a second request lets the first go.
    [Fact]
    public async Task One_request_is_held_until_another_comes()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var first = client.NextAsync();
        await SeenAsync(on, client.Sid);
        Assert.False(first.IsCompleted);
        var second = client.NextAsync();
        Assert.Empty((await first).Children.ToArray());
        Assert.False(second.IsCompleted);
        await EndAsync(client, second);
    }

    // HTP-BOSH-06, CORE-259.
    [Theory]
    [InlineData("wait='20' hold='1' to='example.test'", 20)]
    [InlineData("wait='1000' hold='1' to='example.test'", 45)]
    [InlineData("hold='1' to='example.test'", 45)]
    public async Task A_request_is_answered_when_its_time_is_up(string start, int seconds)
    {
        await using var on = await TestHttpServer.StartAsync(new() { MaxWait = TimeSpan.FromSeconds(45) });
        using var client = new BoshClient(on);
        await client.LogInAsync("alice", start);
        var poll = client.NextAsync();
        await SeenAsync(on, client.Sid);
        on.Server.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.False(poll.IsCompleted);
        on.Server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty((await poll).Children.ToArray());
    }

    // CORE-264, XEP-0124 §10: nobody is told, and the session is not known any more.
    [Fact]
    public async Task A_client_that_stays_away_is_gone()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        on.Server.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(1, on.Server.Context.Sessions.Count);
        on.Server.Time.Advance(TimeSpan.FromSeconds(1));
        await WaitForAsync(() => on.Server.Context.Sessions.Count == 0);
        Assert.Equal("item-not-found", (await client.NextAsync()).Attribute("condition"));
    }

    // A request that is held counts as activity, for as long as its connection is there.
    [Fact]
    public async Task A_client_whose_connection_broke_is_gone_after_a_while()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        using var hangUp = new CancellationTokenSource();
        var poll = client.NextAsync(ct: hangUp.Token);
        await SeenAsync(on, client.Sid);
        on.Server.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(2, on.Server.Context.Sessions.Count);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
        await WaitForAsync(() =>
        {
            on.Server.Time.Advance(TimeSpan.FromSeconds(1)); // the server learns it when the operating system tells
            return on.Server.Context.Sessions.Count == 1;
        });
    }

    // XEP-0206 §8: what never left goes back to its sender, or to offline storage where there is one.
    [Fact]
    public async Task What_a_client_did_not_fetch_goes_elsewhere()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        await bob.SendAsync("<message id='m1' to='alice@example.test/web' type='chat'><body>anybody?</body></message>");
        await bob.SendAsync("<iq id='q1' to='alice@example.test/web' type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
        await WaitForAsync(() =>
        {
            on.Server.Time.Advance(TimeSpan.FromSeconds(10));
            return on.Server.Context.Sessions.Count == 1;
        });
        XmlElement[] bounced = [await bob.ReceiveAsync(), await bob.ReceiveAsync()];
        Assert.Equal(["m1", "q1"], bounced.Select(stanza => stanza.Attribute("id")).Order());
        Assert.All(bounced, stanza => Assert.Equal("error", stanza.Attribute("type")));
    }

    // HTP-BOSH-10, CORE-262, XEP-0124 §14.2.
    [Fact]
    public async Task Requests_out_of_order_are_put_in_order()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var rid = client.Rid;
        var second = client.SendAsync(rid + 2, Message(bob.Jid, "second"));
        await SeenAsync(on, client.Sid);
        var first = client.SendAsync(rid + 1, Message(bob.Jid, "first"));
        await bob.ExpectAsync("<message type='chat'><body>first</body></message>");
        await bob.ExpectAsync("<message type='chat'><body>second</body></message>");
        Assert.Empty((await first).Children.ToArray());
        Assert.False(second.IsCompleted);
        client.Rid = rid + 2;
        await EndAsync(client, second);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(-3)]
    [InlineData(-100)]
    public async Task A_request_outside_the_window_ends_the_session(int ahead)
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var held = client.NextAsync();
        await SeenAsync(on, client.Sid);
        Assert.Equal("item-not-found", (await client.SendAsync(client.Rid + ahead)).Attribute("condition"));
        Assert.Equal("item-not-found", (await held).Attribute("condition"));
        await WaitForAsync(() => on.Server.Context.Sessions.Count == 0);
    }

    // XEP-0124 §14.3: a lost answer comes again, byte by byte, and what the request brought is not done twice.
    [Fact]
    public async Task A_repeated_request_gets_the_same_answer()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var payload = Message(bob.Jid, "once") + "<iq xmlns='jabber:client' type='get' id='p' to='example.test'><ping xmlns='urn:xmpp:ping'/></iq>";
        var first = await client.NextAsync(payload);
        var again = await client.SendAsync(client.Rid, payload);
        Assert.NotNull(first.Child("iq", Ns.Client));
        Assert.Equal(first.ToString(), again.ToString());
        await client.NextAsync(Message(bob.Jid, "twice") + "<iq xmlns='jabber:client' type='get' id='p' to='example.test'><ping xmlns='urn:xmpp:ping'/></iq>");
        await bob.ExpectAsync("<message type='chat'><body>once</body></message>");
        await bob.ExpectAsync("<message type='chat'><body>twice</body></message>");

        // The last two are remembered (CORE-262).
        Assert.Equal(first.ToString(), (await client.SendAsync(client.Rid - 1)).ToString());
        Assert.Equal("item-not-found", (await client.SendAsync(client.Rid - 2)).Attribute("condition"));
    }

    // XEP-0124 §14.3: the answer goes to the latest.
    [Fact]
    public async Task A_request_that_comes_again_while_it_is_held_takes_its_place()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var lost = client.NextAsync();
        await SeenAsync(on, client.Sid);
        var latest = client.SendAsync(client.Rid);
        Assert.Equal("error", (await lost).Attribute("type"));
        await bob.SendAsync("<message to='alice@example.test/web' type='chat'><body>here</body></message>");
        Assert.NotNull((await latest).Child("message", Ns.Client));
    }

    // A message for a held request whose connection broke waits for the request to come again.
    [Fact]
    public async Task A_message_is_not_lost_with_the_connection_of_a_held_request()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        using var hangUp = new CancellationTokenSource();
        var poll = client.NextAsync(ct: hangUp.Token);
        await SeenAsync(on, client.Sid);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
        await bob.SendAsync("<message to='alice@example.test/web' type='chat'><body>still there?</body></message>");
        Assert.Equal("still there?", (await client.SendAsync(client.Rid)).Child("message", Ns.Client)!.Value.ChildText("body"));
    }

    // HTP-BOSH-08, CORE-261, XEP-0124 §10.
    [Fact]
    public async Task A_pause_answers_all_requests_and_gives_time()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var held = client.NextAsync();
        await SeenAsync(on, client.Sid);
        Assert.Empty((await client.NextAsync(attributes: "pause='120'")).Children.ToArray());
        Assert.Empty((await held).Children.ToArray());
        on.Server.Time.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal(1, on.Server.Context.Sessions.Count);

        // The next request ends the pause.
        var poll = client.NextAsync();
        await SeenAsync(on, client.Sid);
        await client.NextAsync(attributes: "pause='5'");
        await poll;
        await WaitForAsync(() =>
        {
            on.Server.Time.Advance(TimeSpan.FromSeconds(5));
            return on.Server.Context.Sessions.Count == 0;
        });
    }

    [Theory]
    [InlineData("121")]
    [InlineData("x")]
    [InlineData("-1")]
    public async Task A_pause_that_is_not_allowed_ends_the_session(string pause)
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        Assert.Equal("policy-violation", (await client.NextAsync(attributes: $"pause='{pause}'")).Attribute("condition"));
        await WaitForAsync(() => on.Server.Context.Sessions.Count == 0);
    }

    // HTP-BOSH-09, CORE-261, XEP-0124 §13: what is inside is done first; the oldest request gets the end.
    [Fact]
    public async Task A_client_that_ends_its_session_is_told_so()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var held = client.NextAsync();
        await SeenAsync(on, client.Sid);
        var last = await client.NextAsync(Message(bob.Jid, "bye"), "type='terminate'");
        await bob.ExpectAsync("<message type='chat'><body>bye</body></message>");
        Assert.Equal(("terminate", null), ((await held).Attribute("type"), (await held).Attribute("condition")));
        Assert.Null(last.Attribute("type"));
        Assert.Equal(1, on.Server.Context.Sessions.Count);

        // Lost, it comes again for a while; whatever else comes is of no session.
        Assert.Equal("terminate", (await client.SendAsync(client.Rid - 1)).Attribute("type"));
        Assert.Equal("item-not-found", (await client.NextAsync()).Attribute("condition"));
        on.Server.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(0, on.Bosh.Count);
    }

    // XEP-0206 §7.
    [Fact]
    public async Task A_stream_error_ends_the_session_and_is_inside()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        var answer = await client.OpenAsync("wait='60' hold='1' to='example.test'");
        answer = await client.NextAsync("<auth xmlns='urn:x'/>");
        Assert.Equal(("terminate", "remote-stream-error"), (answer.Attribute("type"), answer.Attribute("condition")));
        Assert.NotNull(answer.Child("error", Ns.Stream)!.Value.Child("invalid-namespace", Ns.StreamErrors));
    }

    // CORE-124: the end waits for a request when none is there.
    [Fact]
    public async Task A_client_that_was_replaced_learns_it_with_its_next_request()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        await using var other = await on.Server.ConnectAsync("alice", "web");
        var answer = await client.NextAsync();
        Assert.Equal("remote-stream-error", answer.Attribute("condition"));
        Assert.NotNull(answer.Child("error", Ns.Stream)!.Value.Child("conflict", Ns.StreamErrors));
    }

    // CORE-040.
    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var poll = client.NextAsync();
        await SeenAsync(on, client.Sid);
        await on.Bosh.StopAsync(TimeSpan.FromSeconds(10));
        Assert.NotNull((await poll).Child("error", Ns.Stream)!.Value.Child("system-shutdown", Ns.StreamErrors));
        using var late = new BoshClient(on);
        Assert.Equal("system-shutdown", (await late.OpenAsync()).Attribute("condition"));
    }

    // CORE-267, CORE-013.
    [Fact]
    public async Task Who_does_not_log_in_is_sent_away_in_time()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.OpenAsync();
        var poll = client.NextAsync();
        await SeenAsync(on, client.Sid);
        on.Server.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.NotNull((await poll).Child("error", Ns.Stream)!.Value.Child("connection-timeout", Ns.StreamErrors));
    }

    // XEP-0124 §15.
    [Fact]
    public async Task Only_who_has_the_next_key_goes_on()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        var first = Keys("seed", 4);
        var second = Keys("another", 3);
        using var client = new BoshClient(on);
        await client.OpenAsync($"wait='60' hold='1' to='example.test' newkey='{first[3].ToUpperInvariant()}'");
        async Task<XmlElement> Next(string key, string more = "") => await client.NextAsync("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X'/>", $"key='{key}' {more}");
        Assert.NotNull((await Next(first[2])).Child("failure", Ns.Sasl));
        Assert.NotNull((await Next(first[1])).Child("failure", Ns.Sasl));
        Assert.NotNull((await Next(first[0], $"newkey='{second[2]}'")).Child("failure", Ns.Sasl));
        Assert.Null((await Next(second[1])).Attribute("condition"));
        Assert.Equal("item-not-found", (await client.SendAsync(client.Rid, attributes: "key='x'")).Attribute("condition")); // again, but not an exact copy
    }

    [Theory]
    [InlineData("")]
    [InlineData("key='0000000000000000000000000000000000000000'")]
    public async Task Who_does_not_have_the_key_ends_the_session(string key)
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.OpenAsync($"wait='60' hold='1' to='example.test' newkey='{Keys("seed", 3)[2]}'");
        Assert.Equal("item-not-found", (await client.NextAsync(attributes: key)).Attribute("condition"));
    }

    // HTP-BOSH-11, CORE-263, XEP-0124 §9.2 and §9.3.
    [Fact]
    public async Task Answers_are_kept_until_the_client_acknowledges_them()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice", "wait='60' hold='1' to='example.test' ack='1'");
        var known = client.Rid;
        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add((await client.NextAsync("<iq xmlns='jabber:client' type='get' id='p' to='example.test'><ping xmlns='urn:xmpp:ping'/></iq>", $"ack='{known}'")).ToString());
        }

        // More than the last two: none of them was acknowledged.
        Assert.Equal(answers[0], (await client.SendAsync(known + 1)).ToString());

        on.Server.Time.Advance(TimeSpan.FromMilliseconds(700));
        var reported = await client.NextAsync("<iq xmlns='jabber:client' type='get' id='p' to='example.test'><ping xmlns='urn:xmpp:ping'/></iq>", $"ack='{known + 2}'");
        Assert.Equal((known + 3).ToString(), reported.Attribute("report"));
        Assert.Equal("700", reported.Attribute("time"));
        Assert.Equal(answers[2], (await client.SendAsync(known + 3)).ToString());
        Assert.Equal("item-not-found", (await client.SendAsync(known + 2)).Attribute("condition"));
    }

    // HTP-BOSH-11, XEP-0124 §9.1: with server_acks.
    [Fact]
    public async Task The_server_tells_what_it_has_got_when_asked_to_by_its_operator()
    {
        await using var on = await TestHttpServer.StartAsync(new BoshOptions { ServerAcks = true });
        using var client = new BoshClient(on);
        Assert.Equal(client.Rid.ToString(), (await client.OpenAsync()).Attribute("ack"));
        using var other = new BoshClient(on);
        await other.LogInAsync("alice");
        var held = other.NextAsync();
        await SeenAsync(on, other.Sid);
        var latest = other.NextAsync();
        Assert.Equal(other.Rid.ToString(), (await held).Attribute("ack"));
        var last = await other.NextAsync(attributes: "pause='1'");
        Assert.Null(last.Attribute("ack"));
        await latest;
    }

    // Many at once while none is held: one answer, one order.
    [Fact]
    public async Task What_came_between_two_requests_comes_together()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        for (var i = 0; i < 50; i++)
        {
            await bob.SendAsync($"<message to='alice@example.test/web' type='chat'><body>{i}</body></message>");
        }

        await bob.SendAsync("<iq type='get' id='done' to='example.test'><ping xmlns='urn:xmpp:ping'/></iq>");
        await bob.ReceiveAsync();
        var answer = await client.NextAsync();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), answer.Children.ToArray().Select(message => message.ChildText("body")));
    }

    // A client that fetches nothing and gets very much: the queue behind it is bounded, and nothing is lost or out of order once it comes back.
    [Fact]
    public async Task More_than_one_answer_holds_comes_in_order()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var filler = new string('x', 4000);
        for (var i = 0; i < 100; i++)
        {
            await bob.SendAsync($"<message to='alice@example.test/web' type='chat'><subject>{filler}</subject><body>{i}</body></message>");
        }

        var got = new List<string?>();
        while (got.Count < 100)
        {
            got.AddRange((await client.NextAsync()).Children.ToArray().Select(message => message.ChildText("body")));
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), got);
    }

    private static string Message(string to, string body) => $"<message xmlns='jabber:client' to='{to}' type='chat'><body>{body}</body></message>";

    // K(1) to K(n) (XEP-0124 §15.2).
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "XEP-0124 §15.3 names SHA-1.")]
    private static string[] Keys(string seed, int count)
    {
        var keys = new List<string>();
        for (var i = 0; i < count; i++)
        {
            keys.Add(Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(i == 0 ? seed : keys[^1]))));
        }

        return [.. keys];
    }

    // The request that was just sent has come.
    private static async Task SeenAsync(TestHttpServer on, string sid)
    {
        await WaitForAsync(() => on.Bosh.IsWaiting(sid));
    }

    private static async Task EndAsync(BoshClient client, Task<XmlElement> held)
    {
        await client.NextAsync(attributes: "type='terminate'");
        await held;
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }
}
