using System.Net;
using System.Net.Sockets;
using System.Text;
using Meerkat.Connections.Tls;
using Meerkat.Core.Hosts;
using Meerkat.Core.Shaping;
using Meerkat.Core.Tls;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Connections.Tests.Clients;

public sealed class ClientListenerTests
{
    private const string Header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='example.test'>";

    // CONF-066: a listener has one version of IP, so that one of each may have the same port
    [Fact]
    public async Task A_listener_of_version_6_leaves_version_4_to_others()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "needs IPv6");
        await using var four = await ListenerFixture.StartAsync(listen => listen with { IpAddress = null });
        var port = four.Listener.EndPoint.Port;
        await using var six = await ListenerFixture.StartAsync(listen => listen with { IpAddress = null, IpVersion = 6, Port = port });
        await six.Server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = await TestClient.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, port), "example.test");
        await alice.LogInAsync("alice", "example.test", "secret");
        await alice.BindAsync();
        Assert.Single(six.Server.Context.Sessions.Local);
        Assert.Empty(four.Server.Context.Sessions.Local);
    }

    // CORE-007: what the header tells is the peer's address everywhere.
    [Fact]
    public async Task A_proxy_header_tells_the_address_of_the_peer()
    {
        await using var on = await ListenerFixture.StartAsync(listen => listen with { ProxyProtocol = true });
        await on.Server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = await on.ConnectAsync();
        await alice.SendAsync("PROXY TCP4 192.0.2.7 192.0.2.1 4711 5222\r\n");
        await alice.LogInAsync("alice", "example.test", "secret");
        await alice.BindAsync();
        Assert.Equal("192.0.2.7:4711", Assert.Single(on.Server.Context.Sessions.Local).Info.Remote?.ToString());
    }

    // CORE-007: the balancer's own checks come from the balancer.
    [Fact]
    public async Task A_local_proxy_header_leaves_the_address_of_the_connection()
    {
        await using var on = await ListenerFixture.StartAsync(listen => listen with { ProxyProtocol = true });
        await on.Server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = await on.ConnectAsync();
        await alice.SendAsync(Convert.FromHexString("0D0A0D0A000D0A515549540A20000000"));
        await alice.LogInAsync("alice", "example.test", "secret");
        await alice.BindAsync();
        Assert.Equal("127.0.0.1", Assert.Single(on.Server.Context.Sessions.Local).Info.Remote?.Address.ToString());
    }

    // CORE-007: without the header nothing is said.
    [Theory]
    [InlineData(Header)]
    [InlineData("PROXY TCP4 nonsense\r\n" + Header)]
    public async Task A_connection_without_the_proxy_header_is_closed_without_a_word(string start)
    {
        await using var on = await ListenerFixture.StartAsync(listen => listen with { ProxyProtocol = true });
        await using var client = await on.ConnectAsync();
        await client.SendAsync(start);
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    // CORE-013: the header is a step of the negotiation like the others, and bounded where they are not.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 20)]
    [InlineData(null, 30)]
    public async Task A_proxy_header_may_take_as_long_as_a_step_of_the_negotiation(int? stateTimeout, int expected)
    {
        await using var on = await ListenerFixture.StartAsync(listen => listen with { ProxyProtocol = true, StateTimeout = stateTimeout is { } s ? TimeSpan.FromSeconds(s) : null });
        await using var client = await on.ConnectAsync();
        var since = on.Server.Time.GetUtcNow();
        var end = client.ReceiveToEndAsync();
        while (!end.IsCompleted)
        {
            on.Server.Time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.WhenAny(end, Task.Delay(100, TestContext.Current.CancellationToken)); // the time-out starts when the connection is accepted
        }

        Assert.Empty(await end);
        Assert.InRange((on.Server.Time.GetUtcNow() - since).TotalSeconds, expected, expected + 4);
    }

    // CORE-008: where none is expected it is no XML.
    [Fact]
    public async Task A_proxy_header_that_is_not_expected_is_no_xml()
    {
        await using var on = await ListenerFixture.StartAsync();
        await using var client = await on.ConnectAsync();
        await client.SendAsync("PROXY TCP4 192.0.2.7 192.0.2.1 4711 5222\r\n");
        await client.ReceiveHeaderAsync();
        await client.ExpectStreamErrorAsync("xml-not-well-formed");
    }

    // CORE-006: the surplus waits in the backlog, and is served when a place is free.
    [Fact]
    public async Task A_full_listener_leaves_new_connections_waiting()
    {
        await using var on = await ListenerFixture.StartAsync(listen => listen with { MaxConnections = 1 });
        await using var first = await on.ConnectAsync();
        await first.OpenStreamAsync();
        await using var second = await on.ConnectAsync();
        await second.SendAsync(Header);
        await first.SendAsync("<iq type='get' id='x'/>"); // the first is served as before
        Assert.Equal(1, on.Listener.Count);
        Assert.Equal(0, second.Socket!.Available);
        await first.SendAsync("</stream:stream>");
        await first.ExpectEndAsync();
        await first.DisposeAsync();
        await second.ReceiveHeaderAsync();
        Assert.Equal("features", (await second.ReceiveAsync()).Name);
    }

    // CORE-013: each state of the negotiation has its time; before a header the server's own comes first.
    [Fact]
    public async Task Who_says_nothing_is_sent_away_in_time()
    {
        await using var on = await ListenerFixture.StartAsync();
        await using var client = await on.ConnectAsync();
        await WaitForConnectionAsync(on);
        on.Server.Time.Advance(TimeSpan.FromSeconds(5));
        await client.ReceiveHeaderAsync();
        await client.ExpectStreamErrorAsync("connection-timeout");
    }

    // CORE-014, CORE-031.
    [Theory]
    [InlineData("<message><body>{0}</body></message>")]
    [InlineData("<message id='{0}")]
    public async Task An_element_that_is_too_big_ends_the_stream(string element)
    {
        await using var on = await ListenerFixture.StartAsync(listen => listen with { MaxStanzaSize = 10_000 });
        await using var client = await on.ConnectAsync();
        await client.OpenStreamAsync();
        await client.SendAsync(element.Replace("{0}", new string('x', 11_000), StringComparison.Ordinal));
        var error = await client.ExpectStreamErrorAsync("policy-violation");
        Assert.Equal("element too big", error.Child("text", Xmpp.Ns.StreamErrors)?.Text);
    }

    // CORE-015: an empty bucket delays the next read; what was read is processed, nothing is dropped.
    [Fact]
    public async Task A_shaper_delays_reading()
    {
        await using var on = await ListenerFixture.StartAsync(shaper: new ShaperOptions { MaxRate = 1000 });
        await using var client = await on.ConnectAsync();
        await client.OpenStreamAsync();
        await client.SendAsync($"<x xmlns='a'>{new string('x', 4000)}</x><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='NONE'/>");
        await client.ExpectAsync("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await client.SendAsync("</stream:stream>");
        Assert.Equal(0, client.Socket!.Available);
        var end = client.ExpectEndAsync();
        for (var step = 0; step < 20 && !end.IsCompleted; step++)
        {
            on.Server.Time.Advance(TimeSpan.FromMilliseconds(500)); // below the time-out of negotiation at a time
            await Task.WhenAny(end, Task.Delay(20));
        }

        await end;
    }

    // CORE-024: what is no XMPP learns nothing.
    [Fact]
    public async Task A_hidden_service_says_nothing_to_what_is_no_stream()
    {
        await using var on = await ListenerFixture.StartAsync(server: with => with.General = new GeneralOptions { DefaultServerDomain = "example.test", HideServiceName = true });
        await using var client = await on.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\n\r\n");
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    // CORE-024: the default.
    [Fact]
    public async Task A_service_that_is_not_hidden_answers_with_a_stream_error()
    {
        await using var on = await ListenerFixture.StartAsync();
        await using var client = await on.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\n\r\n");
        var answer = Encoding.UTF8.GetString(await client.ReceiveToEndAsync());
        Assert.Contains("from='example.test'", answer, StringComparison.Ordinal);
        Assert.Contains("not-well-formed", answer, StringComparison.Ordinal);
        Assert.EndsWith("</stream:stream>", answer, StringComparison.Ordinal);
    }

    // CORE-040.
    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        await using var on = await ListenerFixture.StartAsync();
        await using var client = await on.ConnectAsync();
        await client.OpenStreamAsync();
        var stopping = on.Listener.StopAsync(TimeSpan.FromSeconds(10));
        await client.ExpectStreamErrorAsync("system-shutdown");
        await client.DropAsync();
        client.Socket!.Close();
        await stopping;
        await Assert.ThrowsAnyAsync<SocketException>(on.ConnectAsync);
    }

    // CORE-011: who takes nothing for 15 s is cut.
    [Fact]
    public async Task A_peer_that_does_not_read_is_cut()
    {
        await using var on = await ListenerFixture.StartAsync();
        await on.Server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = await on.ConnectAsync();
        await alice.LogInAsync("alice", "example.test", "secret");
        await alice.BindAsync();
        var session = Assert.Single(on.Server.Context.Sessions.Local);
        await using var bob = await on.Server.ConnectAsync("bob");
        var body = new string('x', 50_000);
        for (var i = 0; i < 120; i++) // more than sockets hold, less than the bound of the queue
        {
            await bob.SendAsync($"<message to='{alice.Jid}' type='headline'><body>{body}</body></message>");
            await bob.AskAsync("<iq type='get' to='example.test'><mark xmlns='a'/></iq>"); // it was routed
        }

        Assert.False(session.HasEnded);
        on.Server.Time.Advance(TimeSpan.FromSeconds(15));
        await WaitForAsync(() => session.HasEnded);
        Assert.Empty(on.Server.Log.Errors);
    }

    // CORE-203: a connection that breaks takes with it what the sockets hold, and nothing that still waited.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waited_for_a_client_that_vanished_comes_back(bool isEncrypted)
    {
        const int Messages = 120; // more than sockets hold, less than the bound of the queue
        await using var on = await ListenerFixture.StartAsync(tls: isEncrypted ? new StreamTlsOptions { VerifyMode = TlsVerifyMode.None } : null);
        await on.Server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = await on.ConnectAsync();
        if (isEncrypted)
        {
            await alice.OpenStreamAsync();
            await alice.StartTlsAsync();
        }

        await alice.LogInAsync("alice", "example.test", "secret");
        await alice.BindAsync();
        await using var bob = await on.Server.ConnectAsync("bob");
        var body = new string('x', 50_000);
        for (var i = 0; i < Messages; i++)
        {
            await bob.SendAsync($"<message to='{alice.Jid}' type='chat' id='{i}'><body>{body}</body></message>");
            await bob.AskAsync("<iq type='get' to='example.test'><mark xmlns='a'/></iq>"); // it was routed
        }

        alice.Reset();
        var first = int.Parse((await bob.ExpectAsync("<message type='error'/>")).Attribute("id")!);
        for (var i = first + 1; i < Messages; i++)
        {
            await bob.ExpectAsync($"<message type='error' id='{i}'/>");
        }

        await bob.ExpectNothingAsync();
    }

    private static Task WaitForConnectionAsync(ListenerFixture on) => WaitForAsync(() => on.Listener.Count > 0);

    // There is no event to wait for on the other side of a socket.
    private static async Task WaitForAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    [Fact] // CORE-012: closed without a word, judged by the address that the proxy tells
    public async Task An_address_on_a_black_list_gets_no_stream()
    {
        await using var on = await ListenerFixture.StartAsync(options => options with { ProxyProtocol = true });
        using var list = on.Server.Context.Addresses.Add(address => address.Equals(IPAddress.Parse("192.0.2.7")));
        const string Header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.test' version='1.0'>";
        await using var bad = await on.ConnectAsync();
        await bad.SendAsync($"PROXY TCP4 192.0.2.7 192.0.2.1 1000 5222\r\n{Header}");
        Assert.Empty(await bad.ReceiveToEndAsync());
        await using var good = await on.ConnectAsync();
        await good.SendAsync("PROXY TCP4 192.0.2.8 192.0.2.1 1000 5222\r\n");
        await good.OpenStreamAsync();
    }
}
