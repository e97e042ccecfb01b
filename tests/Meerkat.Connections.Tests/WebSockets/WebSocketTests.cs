using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Meerkat.Connections.Http;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Connections.Tests.WebSockets.WebSocketFixture;

namespace Meerkat.Connections.Tests.WebSockets;

/// <summary>XMPP over WebSocket (RFC 7395, CORE §24), through a real HTTP listener.</summary>
public sealed class WebSocketTests
{
    // CORE-269.
    [Theory]
    [InlineData("xmpp", "xmpp")]
    [InlineData("XMPP", "XMPP")]
    [InlineData("chat,xmpp", "xmpp")]
    [InlineData("chat", null)]
    [InlineData("", null)]
    public async Task The_sub_protocol_is_echoed_where_it_is_offered(string offered, string? chosen)
    {
        await using var on = await WebSocketFixture.StartAsync();
        using var socket = await on.ConnectAsync(offered.Split(',', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(chosen, string.IsNullOrEmpty(socket.SubProtocol) ? null : socket.SubProtocol);
        await SendAsync(socket, Open);
        Assert.Equal("open", (await ReceiveAsync(socket))!.Value.Name);
    }

    // CORE-270, RFC 7395 §3.4: each message is one element that says its own namespace.
    [Fact]
    public async Task A_stream_opens_and_closes_with_elements()
    {
        await using var on = await WebSocketFixture.StartAsync();
        using var socket = await on.ConnectAsync("xmpp");
        await SendAsync(socket, Open);
        var open = (await ReceiveAsync(socket))!.Value;
        Assert.True(open.Is("open", Ns.Framing));
        Assert.Equal("example.test", open.Attribute("from"));
        Assert.Equal("1.0", open.Attribute("version"));
        var features = (await ReceiveAsync(socket))!.Value;
        Assert.True(features.Is("features", Ns.Stream));
        Assert.Null(features.Child("starttls", Ns.Tls)); // RFC 7395 §3.9
        await SendAsync(socket, "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        Assert.True((await ReceiveAsync(socket))!.Value.Is("close", Ns.Framing));
        Assert.Null(await ReceiveAsync(socket));
    }

    // CORE-270.
    [Theory]
    [InlineData("<message xmlns='jabber:client'/>")]
    [InlineData("<open xmlns='urn:x' to='example.test' version='1.0'/>")]
    [InlineData("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.test' version='1.0'/>")]
    public async Task Another_first_message_ends_the_connection(string first)
    {
        await using var on = await WebSocketFixture.StartAsync();
        using var socket = await on.ConnectAsync("xmpp");
        await SendAsync(socket, first);
        Assert.Null(await ReceiveAsync(socket));
    }

    // CORE-271.
    [Fact]
    public async Task Binary_messages_are_ignored()
    {
        await using var on = await WebSocketFixture.StartAsync();
        using var socket = await on.ConnectAsync("xmpp");
        await socket.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        await SendAsync(socket, Open);
        Assert.Equal("open", (await ReceiveAsync(socket))!.Value.Name);
    }

    // CORE-272, CORE-273 and RFC 7395 §3.5: errors after open, then close.
    [Theory]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.test' version='2.0'/>", "unsupported-version")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='far.example' version='1.0'/>", "host-unknown")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.test'", "xml-not-well-formed")]
    [InlineData("big", "policy-violation")]
    public async Task A_bad_message_ends_the_stream_with_its_error(string message, string condition)
    {
        await using var on = await WebSocketFixture.StartAsync();
        using var socket = await on.ConnectAsync("xmpp");
        await SendAsync(socket, message == "big" ? $"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{new string('x', 11_000)}'/>" : message);
        Assert.True((await ReceiveAsync(socket))!.Value.Is("open", Ns.Framing));
        var error = (await ReceiveAsync(socket))!.Value;
        Assert.True(error.Is("error", Ns.Stream));
        Assert.NotNull(error.Child(condition, Ns.StreamErrors));
        Assert.True((await ReceiveAsync(socket))!.Value.Is("close", Ns.Framing));
        Assert.Null(await ReceiveAsync(socket));
    }

    // CORE-013, CORE-272.
    [Fact]
    public async Task Who_says_nothing_is_sent_away_in_time()
    {
        await using var on = await WebSocketFixture.StartAsync();
        using var socket = await on.ConnectAsync("xmpp");
        await WaitForAsync(() => on.Handler.Count > 0);
        var open = ReceiveAsync(socket);
        while (!open.IsCompleted)
        {
            on.Server.Time.Advance(TimeSpan.FromSeconds(5)); // the time-out starts when the server begins to read
            await Task.WhenAny(open, Task.Delay(20));
        }

        Assert.NotNull((await ReceiveAsync(socket))!.Value.Child("connection-timeout", Ns.StreamErrors));
    }

    // CORE-013: what is ignored wins no time.
    [Theory]
    [InlineData(WebSocketMessageType.Text)]
    [InlineData(WebSocketMessageType.Binary)]
    public async Task Who_says_nothing_of_use_is_sent_away_in_time(WebSocketMessageType type)
    {
        await using var on = await WebSocketFixture.StartAsync();
        using var socket = await on.ConnectAsync("xmpp");
        await SendAsync(socket, Open);
        await ReceiveAsync(socket);
        await ReceiveAsync(socket);
        var end = ReceiveAsync(socket);
        for (var i = 0; i < 6 && !end.IsCompleted; i++)
        {
            on.Server.Time.Advance(TimeSpan.FromSeconds(0.9));
            await socket.SendAsync("<what xmlns='x:y'/>"u8.ToArray(), type, true, TestContext.Current.CancellationToken);
            await Task.WhenAny(end, Task.Delay(20));
        }

        Assert.NotNull((await end)!.Value.Child("connection-timeout", Ns.StreamErrors));
    }

    // CORE-271, CORE-274: a whole session; without stream management its end is the connection's.
    [Fact]
    public async Task A_client_logs_in_chats_and_is_gone_with_its_connection()
    {
        await using var on = await WebSocketFixture.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var socket = await on.LogInAsync("alice");
        await SendAsync(socket, $"<message to='{bob.Jid}' type='chat'><body>over a socket</body></message>"); // no namespace: jabber:client
        await bob.ExpectAsync("<message from='alice@example.test/web' type='chat'><body>over a socket</body></message>");
        await bob.SendAsync("<message to='alice@example.test/web' type='chat'><body>and back</body></message>");
        var back = (await ReceiveAsync(socket))!.Value;
        Assert.True(back.Is("message", Ns.Client));
        Assert.Equal("and back", back.ChildText("body"));
        Assert.Equal(2, on.Server.Context.Sessions.Count);
        socket.Abort();
        await WaitForAsync(() => on.Server.Context.Sessions.Count == 1);
    }

    // CORE-040.
    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        await using var on = await WebSocketFixture.StartAsync();
        using var socket = await on.LogInAsync("alice");
        var stopping = on.Handler.StopAsync(TimeSpan.FromSeconds(10));
        Assert.NotNull((await ReceiveAsync(socket))!.Value.Child("system-shutdown", Ns.StreamErrors));
        Assert.True((await ReceiveAsync(socket))!.Value.Is("close", Ns.Framing));
        Assert.Null(await ReceiveAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        await stopping;
    }

    // CONF-093: the named host before any, then the order of the file; a path is matched by whole segments.
    [Theory]
    [InlineData("chat.example", "/a/x", "named")]
    [InlineData("chat.example", "/a", "named")]
    [InlineData("Chat.EXAMPLE", "/a", "named")] // RFC 9110 §4.2.3
    [InlineData("other.example", "/a/x", "first")]
    [InlineData("other.example", "/ab", "404")]
    [InlineData("other.example", "/a/b/c", "first")]
    [InlineData("chat.example", "/w", "any")]
    [InlineData("chat.example", "/", "404")]
    public async Task Requests_go_to_the_first_handler_that_matches(string host, string path, string served)
    {
        HttpHandlerOptions[] tables =
        [
            new HealthHandlerOptions { Host = "_", Path = "/a", Position = new("first", 1, 1) },
            new HealthHandlerOptions { Host = "_", Path = "/a/b", Position = new("deeper", 2, 1) },
            new HealthHandlerOptions { Host = "chat.example", Path = "/a", Position = new("named", 3, 1) },
            new HealthHandlerOptions { Host = "_", Path = "/w", Position = new("any", 4, 1) },
        ];
        await using var on = await WebSocketFixture.StartAsync(tables.Cast<HealthHandlerOptions>().ToArray());
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(on.Address, path)) { Headers = { Host = host } };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(served, answer.StatusCode is HttpStatusCode.NotFound ? "404" : await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    // RFC 6455 §4.2.1: what asks for no WebSocket is told so.
    [Fact]
    public async Task A_plain_request_is_refused()
    {
        await using var on = await WebSocketFixture.StartAsync();
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(on.Address, "/ws-xmpp"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    // HTP-RTE-02
    [Fact]
    public async Task A_path_below_is_not_served()
    {
        await using var on = await WebSocketFixture.StartAsync();
        foreach (var (path, status) in new[] { ("/ws-xmpp", HttpStatusCode.SwitchingProtocols), ("/ws-xmpp/", HttpStatusCode.SwitchingProtocols), ("/ws-xmpp/x", HttpStatusCode.NotFound) })
        {
            using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
            var connecting = socket.ConnectAsync(new UriBuilder(on.Address) { Scheme = "ws", Path = path }.Uri, TestContext.Current.CancellationToken);
            if (status is HttpStatusCode.SwitchingProtocols)
            {
                await connecting;
            }
            else
            {
                await Assert.ThrowsAsync<WebSocketException>(() => connecting);
            }

            Assert.Equal((path, status), (path, socket.HttpStatusCode));
        }
    }

    // CONF-095, CORE-272: the server asks, and an answer is a sign of life; a peer that does not answer is gone.
    [Fact]
    public async Task A_silent_client_is_pinged_and_stays_as_long_as_it_answers()
    {
        var options = new WebSocketHandlerOptions { Host = "_", Path = "/ws-xmpp", PingRate = TimeSpan.FromMilliseconds(50), Timeout = TimeSpan.FromMilliseconds(1500) };
        await using var on = await WebSocketFixture.StartAsync(options: options);
        using var answering = await on.LogInAsync("alice"); // the framework's client answers by itself while it reads
        var alice = ReceiveAsync(answering);
        using var deaf = new TcpClient();
        await deaf.ConnectAsync(IPAddress.Loopback, on.Address.Port, TestContext.Current.CancellationToken);
        var stream = deaf.GetStream();
        await stream.WriteAsync("GET /ws-xmpp HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"u8.ToArray());
        var said = new MemoryStream();
        var buffer = new byte[512];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            for (int length; (length = await stream.ReadAsync(buffer, patience.Token)) > 0;)
            {
                said.Write(buffer, 0, length);
            }
        }
        catch (IOException)
        {
            // Reset: that is an end too.
        }

        var frames = said.ToArray().AsSpan(said.ToArray().AsSpan().IndexOf("\r\n\r\n"u8) + 4);
        Assert.Equal(0x89, frames[0]); // a ping, RFC 6455 §5.5.2
        Assert.False(alice.IsCompleted, "the client that answers was closed as well");
        await SendAsync(answering, "<iq type='get' id='p' to='example.test/none'><q xmlns='x:q'/></iq>");
        Assert.Equal("p", (await alice)!.Value.Attribute("id"));
    }

    [Fact] // CORE-028, CORE-237, CORE-240
    public async Task A_domain_that_comes_and_goes_is_served_meanwhile()
    {
        await using var fixture = await WebSocketFixture.StartAsync(with: with => with.HostTypes = ["free"]);
        await ExpectUnknownAsync();
        await fixture.Server.Dynamic.AddAsync("added.test", "free", CancellationToken.None);
        using var socket = await fixture.LogInAsync("alice", "added.test");
        await fixture.Server.Dynamic.DisableAsync("added.test", CancellationToken.None);
        Assert.Contains("host-gone", (await WebSocketFixture.ReceiveAsync(socket))!.Value.ToString());
        await ExpectUnknownAsync();

        async Task ExpectUnknownAsync()
        {
            using var refused = await fixture.ConnectAsync("xmpp");
            await WebSocketFixture.SendAsync(refused, WebSocketFixture.OpenTo("added.test"));
            Assert.Equal("open", (await WebSocketFixture.ReceiveAsync(refused))!.Value.Name);
            Assert.Contains("host-unknown", (await WebSocketFixture.ReceiveAsync(refused))!.Value.ToString());
        }
    }
}
