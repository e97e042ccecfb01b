using System.Collections.Concurrent;
using System.Net;
using Meerkat.Connections.Http;
using Meerkat.Connections.Tls;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.AspNetCore.Http;

namespace Meerkat.Connections.WebSockets;

/// <summary>XMPP over WebSocket on a path of an HTTP listener (RFC 7395, CORE-269 to CORE-274).</summary>
/// <param name="server">The server.</param>
[Rfc(7395)]
public sealed class WebSocketHandler(ServerContext server)
{
    private const string SubProtocol = "xmpp";
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly ConcurrentDictionary<WebSocketConnection, Task> _connections = new();
    private volatile bool _stopping;

    /// <summary>Connections that are open.</summary>
    public int Count => _connections.Count;

    /// <summary>Serves a request: a WebSocket handshake, or a refusal.</summary>
    public async Task ServeAsync(HttpContext context, HttpHandlerOptions handler)
    {
        if (server.Addresses.Refuses(context.Connection.RemoteIpAddress))
        {
            context.Abort(); // CORE-012
            return;
        }

        if (context.Request.Path.Value is not (null or "" or "/"))
        {
            context.Response.StatusCode = (int)HttpStatusCode.NotFound; // HTP-RTE-02; a slash at the end counts for nothing
            return;
        }

        var options = (WebSocketHandlerOptions)handler;
        if (!context.WebSockets.IsWebSocketRequest || _stopping)
        {
            context.Response.StatusCode = (int)(_stopping ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.BadRequest);
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync(_stopping ? "The server is stopping." : "This is for XMPP over WebSocket (RFC 7395).");
            return;
        }

        var offered = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(name => name.Equals(SubProtocol, StringComparison.OrdinalIgnoreCase));
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = offered, // CORE-269: without it the connection proceeds all the same
            KeepAliveInterval = options.PingRate ?? Timeout.InfiniteTimeSpan,

            // With it the framework sends pings and waits for pongs; without it, pongs that nobody answers.
            KeepAliveTimeout = options.PingRate is null ? Timeout.InfiniteTimeSpan : options.Timeout ?? s_longest,
        });
        var connection = context.Connection;
        var facts = new TransportFacts("websocket", connection.RemoteIpAddress is { } ip ? new IPEndPoint(Unmapped(ip), connection.RemotePort) : null, context.Request.IsHttps)
        {
            ClientCertificate = ClientCertificateJudge.PassedOn(context), // CORE-063
        };
        var profile = new ClientProfile { OffersSession = options.BackwardsCompatibleSession, StateTimeout = options.StateTimeout };
        var limits = XmlLimits.Default with { MaxElementBytes = options.MaxStanzaSize ?? int.MaxValue };

        // A pong is a sign of life too (CORE-272), but only the framework sees it: where it pings, silence is its affair.
        var idleTimeout = options.PingRate < options.Timeout ? null : options.Timeout;
        using var client = new WebSocketConnection(server, profile, limits, idleTimeout, socket, facts);
        var running = client.RunAsync(context.RequestAborted);
        _connections[client] = running;
        try
        {
            await running;
        }
        finally
        {
            _connections.TryRemove(client, out _);
        }
    }

    /// <summary>Ends every connection with <c>system-shutdown</c> and waits until they are gone, or a while at most.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        _stopping = true;
        foreach (var connection in _connections.Keys)
        {
            connection.Interrupt(StreamError.SystemShutdown);
        }

        try
        {
            await Task.WhenAll(_connections.Values).WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            // Peers that do not answer: the listener cuts them.
        }
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
