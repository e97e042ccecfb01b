using System.Net.WebSockets;
using Meerkat.Core.Sessions;
using Meerkat.Modules.StreamManagement;
using Meerkat.Testing;
using Xunit;
using static Meerkat.Connections.Tests.WebSockets.WebSocketFixture;

namespace Meerkat.Connections.Tests.WebSockets;

/// <summary>Stream management over WebSocket (XEP-0198, RFC 7395 §3.6; CORE §18).</summary>
public sealed class WebSocketResumptionTests
{
    private const string Sm = "xmlns='urn:xmpp:sm:3'";

    [Fact] // CORE-215, CORE-217, CORE-218: lost on one socket, resumed on another
    public async Task A_session_whose_socket_was_lost_goes_on_over_another()
    {
        await using var on = await StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "r");
        using var socket = await on.LogInAsync("alice");
        var id = await EnableAsync(socket);
        await SendAsync(socket, $"<message to='{bob.Jid}'><body>one</body></message>");
        await bob.ExpectAsync("<message><body>one</body></message>");
        socket.Abort();
        await WaitForAsync(() => Session(on).IsDetached);
        await bob.SendAsync("<message to='alice@example.test/web' id='m1'><body>missed</body></message><message to='alice@example.test/web' id='m2'><body>too</body></message>");
        await bob.ExpectNothingAsync();

        using var again = await on.LogInOnlyAsync("alice");
        await SendAsync(again, $"<resume {Sm} previd='{id}' h='0'/>");
        Expect(await ReceiveAsync(again), $"<resumed {Sm} previd='{id}' h='1'/>");
        Expect(await ReceiveAsync(again), "<message xmlns='jabber:client' id='m1'><body>missed</body><delay xmlns='urn:xmpp:delay'>SM Storage</delay></message>");
        Expect(await ReceiveAsync(again), "<message xmlns='jabber:client' id='m2'><body>too</body></message>");
        Expect(await ReceiveAsync(again), $"<r {Sm}/>");
        await SendAsync(again, $"<a {Sm} h='2'/>");
        await SendAsync(again, $"<message to='{bob.Jid}'><body>two</body></message>");
        await bob.ExpectAsync("<message from='alice@example.test/web'><body>two</body></message>");
        Assert.Equal(0, Session(on).Output.Unacknowledged);
    }

    [Fact] // CORE-221: from one transport to another, and back
    public async Task A_session_moves_between_tcp_and_websocket()
    {
        await using var on = await StartAsync();
        using var socket = await on.LogInAsync("alice");
        var id = await EnableAsync(socket);
        await using var client = on.Server.Open();
        await client.LogInAsync("alice", "example.test", "secret");
        await client.SendAsync($"<resume {Sm} previd='{id}' h='0'/>");
        await client.ExpectAsync($"<resumed {Sm} h='0'/>");

        // The old connection is told (CORE-218), in RFC 7395's framing.
        Assert.NotNull((await ReceiveAsync(socket))!.Value.Child("conflict", Xmpp.Ns.StreamErrors));
        Assert.Equal("close", (await ReceiveAsync(socket))!.Value.Name);

        using var again = await on.LogInOnlyAsync("alice");
        await SendAsync(again, $"<resume {Sm} previd='{id}' h='0'/>");
        Expect(await ReceiveAsync(again), $"<resumed {Sm} previd='{id}' h='0'/>");
        await SendAsync(again, "<iq type='get' id='1' to='example.test'><none xmlns='urn:x'/></iq>");
        Expect(await ReceiveAsync(again), "<iq xmlns='jabber:client' type='error' id='1' to='alice@example.test/web'/>");
    }

    [Fact] // CORE-047: a clean close is final
    public async Task What_was_closed_cleanly_is_not_resumed()
    {
        await using var on = await StartAsync();
        using var socket = await on.LogInAsync("alice");
        var id = await EnableAsync(socket);
        await SendAsync(socket, "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        Assert.Equal("close", (await ReceiveAsync(socket))!.Value.Name);
        using var again = await on.LogInOnlyAsync("alice");
        await SendAsync(again, $"<resume {Sm} previd='{id}' h='0'/>");
        Expect(await ReceiveAsync(again), $"<failed {Sm}><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
    }

    [Fact] // CORE-209, STM-004, XEP-0198 §4: both counts wrap from 2^32 − 1 to 0
    public async Task Counts_wrap_at_two_to_the_thirty_second()
    {
        await using var on = await StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob");
        using var socket = await on.LogInAsync("alice");
        var id = await EnableAsync(socket);
        var session = Session(on);
        session.Watermark.Start(uint.MaxValue - 1); // as if the client had sent that many
        session.Output.Manage(session.Output.Settings!, new AckQueue(uint.MaxValue - 1), marker: null); // and got that many

        for (var i = 0; i < 3; i++)
        {
            await SendAsync(socket, $"<message to='{bob.BareJid}'><body>{i}</body></message>");
            await bob.ExpectAsync($"<message><body>{i}</body></message>");
        }

        await SendAsync(socket, $"<r {Sm}/>");
        Expect(await ReceiveAsync(socket), $"<a {Sm} h='1'/>"); // 2^32 − 2, and three more

        for (var i = 0; i < 3; i++)
        {
            await bob.SendAsync($"<message to='alice@example.test/web' id='m{i}'><body>{i}</body></message>");
            Expect(await ReceiveAsync(socket), $"<message xmlns='jabber:client' id='m{i}'/>");
            Expect(await ReceiveAsync(socket), $"<r {Sm}/>");
        }

        await SendAsync(socket, $"<a {Sm} h='0'/>"); // two of the three
        await SendAsync(socket, $"<r {Sm}/>");
        Expect(await ReceiveAsync(socket), $"<a {Sm} h='1'/>");
        Assert.Equal(1, session.Output.Unacknowledged);

        // And through a resumption, where the counts go through their codec.
        socket.Abort();
        await WaitForAsync(() => session.IsDetached);
        using var again = await on.LogInOnlyAsync("alice");
        await SendAsync(again, $"<resume {Sm} previd='{id}' h='0'/>");
        Expect(await ReceiveAsync(again), $"<resumed {Sm} previd='{id}' h='1'/>");
        Expect(await ReceiveAsync(again), "<message xmlns='jabber:client' id='m2'/>");
        Expect(await ReceiveAsync(again), $"<r {Sm}/>");
        await SendAsync(again, $"<a {Sm} h='2'/>"); // one more than there were
        var error = (await ReceiveAsync(again))!.Value;
        Assert.Equal("2", error.Child("handled-count-too-high", "urn:xmpp:sm:3")?.Attribute("h"));
    }

    private static Task<WebSocketFixture> StartAsync() => WebSocketFixture.StartAsync(with: with => with.Module<StreamManagementModule>());

    private static Session Session(WebSocketFixture on) => on.Server.Context.Sessions.Local.Single(session => session.Jid.Resource == "web");

    private static async Task<string> EnableAsync(ClientWebSocket socket)
    {
        await SendAsync(socket, $"<enable {Sm} resume='true'/>");
        var enabled = (await ReceiveAsync(socket))!.Value;
        Assert.Equal("enabled", enabled.Name);
        return enabled.Attribute("id")!;
    }

    private static void Expect(Xml.XmlElement? element, string pattern) =>
        Assert.True(element is { } found && TestClient.Fits(found, Xml.XmlElement.Parse(pattern)), $"expected {pattern}\ngot      {element}");
}
