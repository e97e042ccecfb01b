using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Streams;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Streams;

/// <summary>CORE §3 and §4: what opens a stream, and what ends it at once.</summary>
public sealed class StreamOpeningTests
{
    private const string Good = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='example.test'>";

    public static TheoryData<string, string, string> Refused => new()
    {
        { "CORE-027 wrong stream namespace", "<stream:stream xmlns='jabber:client' xmlns:stream='http://wrong.example' version='1.0' to='example.test'>", "invalid-namespace" },
        { "CORE-027 wrong content namespace", "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='example.test'>", "invalid-namespace" },
        { "CORE-028 no to", "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>", "host-unknown" },
        { "CORE-028 not hosted", "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='elsewhere.test'>", "host-unknown" },
        { "CORE-029 no version", "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.test'>", "unsupported-version" },
        { "CORE-029 another version", "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.1' to='example.test'>", "unsupported-version" },
        { "CORE-022 namespace goes before host", "<stream:stream xmlns='jabber:client' xmlns:stream='http://wrong.example' to='elsewhere.test'>", "invalid-namespace" },
        { "CORE-022 host goes before version", "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='elsewhere.test'>", "host-unknown" },
        { "CORE-026 not XML", "GET / HTTP/1.1\r\n\r\n", "xml-not-well-formed" },
        { "CORE-008 a PROXY header nobody expects", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "xml-not-well-formed" },
        { "CORE-017 a DTD", "<!DOCTYPE a><a>", "xml-not-well-formed" },
        { "CORE-026 broken after the header", Good + "<a></b>", "xml-not-well-formed" },
        { "CORE-017 an undefined prefix", Good + "<x:a/>", "xml-not-well-formed" },
        { "CORE-030 a second header", Good + Good, "policy-violation" },
        { "CORE-030 a second header with an XML declaration", Good + " <?xml version='1.0'?>\n" + Good, "policy-violation" },
        { "CORE-026 an XML declaration in front of anything else", Good + "<?xml version='1.0'?><a/>", "xml-not-well-formed" },
        { "CORE-026 an XML declaration in front of another", Good + "<?xml version='1.0'?><?xml version='1.0'?>" + Good, "xml-not-well-formed" },
        { "CORE-026 an XML declaration in an element", Good + "<a><?xml version='1.0'?>", "xml-not-well-formed" },
        { "CORE-032 starttls in another namespace", Good + "<starttls xmlns='wrong'/>", "invalid-namespace" },
        { "CORE-032 auth in another namespace", Good + "<auth xmlns='wrong' mechanism='PLAIN'/>", "invalid-namespace" },
        { "CORE-032 response in another namespace", Good + "<response xmlns='wrong'/>", "invalid-namespace" },
        { "CORE-032 abort in another namespace", Good + "<abort xmlns='wrong'/>", "invalid-namespace" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_stream_that_starts_wrong_gets_a_header_an_error_and_its_end(string why, string sent, string condition)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();

        await client.SendAsync(sent);
        await client.ReceiveHeaderAsync();
        await client.ExpectStreamErrorAsync(condition);
        Assert.True(server.Log.Errors.Any() is false, why);
    }

    // RFC 6120 §4.8.2: instead of making the content namespace the default one, each stanza may name it; a prefix for it says the same in XML.
    [Theory]
    [InlineData("<stream xmlns='http://etherx.jabber.org/streams' version='1.0' to='example.test'>", "<{0} xmlns='jabber:client'{1}>{2}</{0}>", "")]
    [InlineData("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='example.test'>", "<{0} xmlns='jabber:client'{1}>{2}</{0}>", "")]
    [InlineData("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns:c='jabber:client' version='1.0' to='example.test'>", "<c:{0}{1}>{2}</c:{0}>", "c:")]
    [InlineData("<stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client' version='1.0' to='example.test'>", "<c:{0}{1}>{2}</c:{0}>", "c:")]
    public async Task A_stream_need_not_make_the_content_namespace_its_default(string open, string stanza, string prefix)
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var bob = await server.ConnectAsync("bob", "b");
        await using var client = server.Open();
        await client.SendAsync(open);
        await client.ReceiveHeaderAsync();
        await client.ReceiveAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>");
        await client.ExpectAsync($"<success xmlns='{Ns.Sasl}'/>");
        client.ExpectNewStream();
        await client.SendAsync(open);
        await client.ReceiveHeaderAsync();
        await client.ReceiveAsync();
        await client.SendAsync(string.Format(stanza, "iq", " type='set' id='bind'", $"<bind xmlns='{Ns.Bind}'><resource>a</resource></bind>"));
        await client.ExpectAsync($"<iq type='result' id='bind'><bind xmlns='{Ns.Bind}'><jid>alice@example.test/a</jid></bind></iq>");
        await client.SendAsync(string.Format(stanza, "message", $" to='{bob.Jid}' id='m'", $"<{prefix}body>hello</{prefix}body><x xmlns='urn:x'><y/></x>"));
        await bob.ExpectAsync("<message from='alice@example.test/a' id='m'><body>hello</body><x xmlns='urn:x'><y/></x></message>");
        await bob.SendAsync("<message to='alice@example.test/a' id='n'><body>thanks</body></message>");
        await client.ExpectAsync($"<message from='{bob.Jid}' id='n'><body>thanks</body></message>");
    }

    [Fact] // CORE-018, CORE-019
    public async Task The_answer_names_the_domain_the_language_and_a_fresh_id()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        await client.SendAsync("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='EXAMPLE.test' from='alice@example.test' xml:lang='de'>");
        var header = await client.ReceiveHeaderAsync();

        Assert.Equal("example.test", header.Attribute("from"));
        Assert.Equal("alice@example.test", header.Attribute("to"));
        Assert.Equal("de", header.Attribute("lang", XmlNames.XmlNamespace));
        Assert.Equal("1.0", header.Attribute("version"));
        Assert.True(header.Attribute("id")!.Length >= 16);
    }

    [Theory] // CORE-019
    [InlineData("", "en")]
    [InlineData(" xml:lang='fr'", "fr")]
    [InlineData(" xml:lang='a-language-tag-that-is-much-too-long-to-be-one'", "en")]
    public async Task The_language_is_the_clients_if_it_is_one(string attribute, string expected)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        await client.SendAsync(Good.Replace(" to=", attribute + " to=", StringComparison.Ordinal));

        Assert.Equal(expected, (await client.ReceiveHeaderAsync()).Attribute("lang", XmlNames.XmlNamespace));
    }

    [Fact] // CORE-020
    public async Task Before_the_host_is_known_the_default_domain_answers()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        await client.SendAsync("<a>");

        Assert.Equal("example.test", (await client.ReceiveHeaderAsync()).Attribute("from"));
        await client.ExpectStreamErrorAsync("xml-not-well-formed");
    }

    [Fact] // CORE-024
    public async Task A_server_that_hides_its_name_says_nothing_to_what_is_not_XMPP()
    {
        await using var server = await TestServer.StartAsync(with => with.General = new GeneralOptions { DefaultServerDomain = "example.test", HideServiceName = true });
        await using var client = server.Open();
        await client.SendAsync("GET / HTTP/1.1\r\n\r\n");

        Assert.Null(await client.ReceiveFrameAsync());
    }

    [Fact] // sendxmpp (XML::Stream): the header names a machine, which claims nobody
    public async Task A_header_that_names_a_domain_as_its_sender_claims_nobody()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var client = server.Open();
        await client.SendAsync(Good.Replace(" to=", " from='localhost' to=", StringComparison.Ordinal));
        Assert.Null((await client.ReceiveHeaderAsync()).Attribute("to"));
        await client.ReceiveAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='PLAIN'>AGJvYgBzZWNyZXQ=</auth>");

        await client.ExpectAsync($"<success xmlns='{Ns.Sasl}'/>");
    }

    [Fact] // CORE-021, CORE-034
    public async Task Somebody_else_than_the_header_said_may_not_authenticate()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var client = server.Open();
        await client.SendAsync(Good.Replace(" to=", " from='alice@example.test' to=", StringComparison.Ordinal));
        await client.ReceiveHeaderAsync();
        await client.ReceiveAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='PLAIN'>AGJvYgBzZWNyZXQ=</auth>");

        await client.ExpectStreamErrorAsync("invalid-from");
    }

    [Theory] // CORE-013, CORE-036: no step of negotiation takes longer
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_client_that_stops_negotiating_is_let_go(int steps)
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        if (steps == 1)
        {
            await client.OpenStreamAsync();
        }
        else if (steps == 2)
        {
            await client.LogInAsync("alice", "example.test", "secret");
        }

        await ExpectTimeoutAsync(server, async () =>
        {
            if (steps == 0)
            {
                await client.ReceiveHeaderAsync();
            }

            await client.ExpectStreamErrorAsync("connection-timeout");
        });
    }

    [Theory] // CORE-013: whoever may hold a connection without saying anything holds all of them
    [InlineData(" ")]
    [InlineData("<what xmlns='x:y'/>")]
    [InlineData("<message to='alice@example.test'/>")]
    [InlineData("<iq type='get' id='1'><q xmlns='x:y'/></iq>")]
    [InlineData("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl")] // never finished
    public async Task What_is_no_step_of_the_negotiation_wins_no_time(string text)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        await client.OpenStreamAsync();
        var isFirst = true;
        await ExpectTimeoutAsync(server, () => client.ExpectStreamErrorAsync("connection-timeout"), async () =>
        {
            await client.SendAsync(text.Length == 1 || isFirst || text.EndsWith('>') ? text : "x");
            isFirst = false;
        });
    }

    [Fact] // CORE-013: a cold start or a slow store sends nobody away
    public async Task What_the_server_needs_for_a_step_is_not_the_clients_time()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<SlowOpening>());
        var slow = (SlowOpening)server.Host.Modules["mod_test_slow_opening"];
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = server.Open();
        await alice.LogInAsync("alice", "example.test", "secret");
        await alice.SendAsync("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        await slow.Began.Task.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        server.Time.Advance(TimeSpan.FromSeconds(30));
        slow.Go.SetResult(HookResult.Stop);

        Assert.Equal("error", (await alice.ReceiveAsync()).Attribute("type"));
        await alice.SendAsync("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        Assert.Equal("error", (await alice.ReceiveAsync()).Attribute("type"));
        await ExpectTimeoutAsync(server, () => alice.ExpectStreamErrorAsync("connection-timeout"));
    }

    [Fact] // CORE-013
    public async Task A_session_has_no_negotiation_timeout()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync();
        server.Time.Advance(TimeSpan.FromHours(1));

        await alice.ExpectNothingAsync();
    }

    [Fact] // CORE-014, CORE-031
    public async Task An_element_that_is_too_big_ends_the_stream()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open(limits: XmlLimits.Default with { MaxElementBytes = 10_000 });
        await client.OpenStreamAsync();
        await client.SendAsync($"<a><b>{new string('x', 10_000)}</b></a>");

        var error = await client.ExpectStreamErrorAsync("policy-violation");
        Assert.Equal("element too big", error.Child("text", Ns.StreamErrors)?.Text);
    }

    [Fact] // CORE-014: an open tag that alone grows beyond the limit
    public async Task A_tag_that_never_ends_ends_the_stream()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open(limits: XmlLimits.Default with { MaxElementBytes = 10_000 });
        await client.OpenStreamAsync();
        await client.SendAsync($"<a b='{new string('x', 12_000)}");

        await client.ExpectStreamErrorAsync("policy-violation");
    }

    [Fact] // CORE-047
    public async Task The_end_of_the_stream_is_answered()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync();
        await alice.SendAsync("</stream:stream>");

        Assert.Equal(XmlFrameKind.StreamEnd, (await alice.ReceiveFrameAsync())?.Kind);
        await alice.ExpectEndAsync();
        Assert.Equal(0, server.Context.Sessions.Count);
    }

    [Fact] // CORE-048
    public async Task What_comes_before_the_session_and_is_not_for_it_is_ignored()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync("<message to='example.test'/><presence/><iq type='get' id='x'><query xmlns='nobody:serves:this'/></iq><unknown xmlns='a:b'/>");
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='PLAIN'>AHgAeA==</auth>");

        await client.ExpectAsync($"<failure xmlns='{Ns.Sasl}'><not-authorized/></failure>");
    }

    [Fact] // CORE-059, CORE-033
    public async Task Where_TLS_is_required_nothing_goes_before_it()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open(new ClientProfile { RequiresTls = true }, startTls: true);
        var features = await client.OpenStreamAsync();

        Assert.Single(features.Children);
        Assert.NotNull(features.Child("starttls", Ns.Tls)?.Child("required"));
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='PLAIN'>AHgAeA==</auth>");
        await client.ExpectStreamErrorAsync("encryption-required");
    }

    [Fact] // CORE-050
    public async Task Without_TLS_starttls_fails()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        var features = await client.OpenStreamAsync();
        Assert.Null(features.Child("starttls", Ns.Tls));
        await client.SendAsync($"<starttls xmlns='{Ns.Tls}'/>");

        await client.ExpectAsync($"<failure xmlns='{Ns.Tls}'/>");
        await client.ExpectEndAsync();
    }

    // Time counts while the server waits, and of when it begins to wait nothing can be seen: twice the five seconds, at most, in small steps.
    private static async Task ExpectTimeoutAsync(TestServer server, Func<Task> expect, Func<Task>? meanwhile = null)
    {
        var end = expect();
        for (var steps = 0; steps < 20 && !end.IsCompleted; steps++)
        {
            server.Time.Advance(TimeSpan.FromSeconds(0.5));
            if (meanwhile is not null && !end.IsCompleted)
            {
                await meanwhile();
            }

            await Task.WhenAny(end, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        await end;
    }

    /// <summary>Takes its time to say whether a session may open.</summary>
    [Module("mod_test_slow_opening")]
    internal sealed class SlowOpening : IModule
    {
        public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<HookResult> Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Register(IModuleRegistry on) => on.Hook(SessionHooks.Opening, SessionOpeningSlot.Privacy, async (_, _) =>
        {
            Began.TrySetResult();
            return await Go.Task;
        });
    }
}
