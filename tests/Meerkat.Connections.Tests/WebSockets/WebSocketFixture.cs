using System.Net;
using System.Net.WebSockets;
using System.Text;
using Meerkat.Connections.Http;
using Meerkat.Connections.Tls;
using Meerkat.Connections.WebSockets;
using Meerkat.Testing;
using Meerkat.Xml;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Meerkat.Connections.Tests.WebSockets;

/// <summary>A test server behind a real HTTP listener, and what clients say to it.</summary>
internal sealed class WebSocketFixture : IAsyncDisposable
{
    public const string Open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.test' version='1.0'/>";

    /// <summary>The header of a stream to a domain.</summary>
    public static string OpenTo(string domain) => Open.Replace("example.test", domain, StringComparison.Ordinal);

    private HttpServer _http = null!;

    public TestServer Server { get; private init; } = null!;

    public WebSocketHandler Handler { get; private init; } = null!;

    public Uri Address => _http.Addresses[0];

    public static async Task<WebSocketFixture> StartAsync(IReadOnlyList<HealthHandlerOptions>? others = null, Action<TestServerBuilder>? with = null, TlsOptions? tls = null, ServerCertificate? certificate = null, WebSocketHandlerOptions? options = null)
    {
        var server = await TestServer.StartAsync(with);
        var fixture = new WebSocketFixture { Server = server, Handler = new WebSocketHandler(server.Context) };
        var listener = new HttpListenerOptions
        {
            Port = 0,
            IpAddress = IPAddress.Loopback,
            Tls = tls,
            Transport = new HttpTransportOptions { MaxConnections = null },
            Handlers = new HttpHandlersOptions
            {
                WebSocket = [options ?? new WebSocketHandlerOptions { Host = "_", Path = "/ws-xmpp", MaxStanzaSize = 10_000 }],
                Health = others ?? [],
            },
        };
        var handlers = new Dictionary<Type, HttpHandler>
        {
            [typeof(WebSocketHandlerOptions)] = fixture.Handler.ServeAsync,
            [typeof(HealthHandlerOptions)] = static (context, table) => context.Response.WriteAsync(table.Position.File),
        };
        fixture._http = new HttpServer([listener], handlers, _ => certificate ?? throw new InvalidOperationException("no TLS here"), null, server.Log);
        await fixture._http.StartAsync(CancellationToken.None);
        return fixture;
    }

    public Task<ClientWebSocket> ConnectAsync(params string[] protocols) => ConnectAsync(null, protocols);

    public async Task<ClientWebSocket> ConnectAsync(Action<ClientWebSocketOptions>? options, params string[] protocols)
    {
        var socket = new ClientWebSocket();
        options?.Invoke(socket.Options);
        foreach (var protocol in protocols)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        await socket.ConnectAsync(new UriBuilder(Address) { Scheme = Address.Scheme == "https" ? "wss" : "ws", Path = "/ws-xmpp" }.Uri, CancellationToken.None);
        return socket;
    }

    /// <summary>A client that has bound the resource <c>web</c>.</summary>
    public async Task<ClientWebSocket> LogInAsync(string name, string domain = "example.test")
    {
        var socket = await LogInOnlyAsync(name, domain);
        await SendAsync(socket, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>web</resource></bind></iq>");
        Assert.Equal("result", (await ReceiveAsync(socket))!.Value.Attribute("type"));
        return socket;
    }

    /// <summary>A client that is authenticated and has nothing bound.</summary>
    public async Task<ClientWebSocket> LogInOnlyAsync(string name, string domain = "example.test")
    {
        await Server.Accounts.AddAsync($"{name}@{domain}", "secret");
        var socket = await ConnectAsync("xmpp");
        await SendAsync(socket, OpenTo(domain));
        await ReceiveAsync(socket);
        await ReceiveAsync(socket);
        await SendAsync(socket, $"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{name}\0secret"))}</auth>");
        Assert.Equal("success", (await ReceiveAsync(socket))!.Value.Name);
        await SendAsync(socket, OpenTo(domain));
        await ReceiveAsync(socket);
        await ReceiveAsync(socket);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _http.StopAsync(now.Token);
        await _http.DisposeAsync();
        await Server.DisposeAsync();
    }

    public static async Task SendAsync(ClientWebSocket socket, string message) =>
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    // Null: the peer closed.
    public static async Task<XmlElement?> ReceiveAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), patience.Token);
            length += received.Count;
            if (received.MessageType is WebSocketMessageType.Close)
            {
                return null;
            }

            if (received.EndOfMessage)
            {
                return XmlElement.Parse(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
    }

    public static async Task WaitForAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }
}
