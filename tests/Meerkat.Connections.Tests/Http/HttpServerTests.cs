using System.Net;
using System.Net.Sockets;
using Meerkat.Connections.Http;
using Meerkat.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Meerkat.Connections.Tests.Http;

/// <summary>Several listeners of one server (HTP-LSN-01 to HTP-LSN-08, CONF-088 to CONF-093).</summary>
public sealed class HttpServerTests
{
    // HTP-LSN-02, HTP-LSN-07, HTP-LSN-08: each address has its own handlers, limit and compression, also where the port is the same: what is for one is not served on the other.
    [Fact]
    public async Task Two_addresses_may_have_the_same_port()
    {
        var port = FreePort.Next();
        await using var server = await StartAsync([Listener(port, IPAddress.Loopback, "inside") with { Protocol = new HttpProtocolOptions { Compress = true } }, Listener(port, IPAddress.Parse("127.0.0.2"), "outside")]);
        Assert.Equal((200, "inside", true), await AskAsync($"127.0.0.1:{port}", "/inside"));
        Assert.Equal((200, "outside", false), await AskAsync($"127.0.0.2:{port}", "/outside"));
        Assert.Equal(404, (await AskAsync($"127.0.0.1:{port}", "/outside")).Status);
        Assert.Equal(404, (await AskAsync($"127.0.0.2:{port}", "/inside")).Status);
    }

    // HTP-LSN-03, CONF-066: a listener has one version of IP, and one of each may have the same port
    [Fact]
    public async Task Both_versions_of_IP_may_have_the_same_port()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "needs IPv6");
        var port = FreePort.Next();
        await using var server = await StartAsync([Listener(port, null, "four"), Listener(port, null, "six") with { IpVersion = 6 }]);
        Assert.Equal((200, "four", false), await AskAsync($"127.0.0.1:{port}", "/four"));
        Assert.Equal((200, "six", false), await AskAsync($"[::1]:{port}", "/six"));
        Assert.Equal(404, (await AskAsync($"[::1]:{port}", "/four")).Status);
    }

    // HTP-RTE-02: a host that nothing is served for is a bad request; of a host that is served, a path may be missing
    [Fact]
    public async Task A_host_that_is_not_served_is_told_from_a_path_that_is_not_there()
    {
        var port = FreePort.Next();
        var listener = Listener(port, IPAddress.Loopback, "one");
        var named = listener with { Handlers = new HttpHandlersOptions { Health = [listener.Handlers.Health[0] with { Host = "localhost" }] } };
        await using var server = await StartAsync([named]);
        Assert.Equal((200, "one", false), await AskAsync($"localhost:{port}", "/one"));
        Assert.Equal((404, "", false), await AskAsync($"localhost:{port}", "/two"));
        Assert.Equal((400, "", false), await AskAsync($"127.0.0.1:{port}", "/one"));
    }

    // http.md, section 1: 5 s to send the request's head; whoever does not is cut off, and its place is free
    [Fact]
    public async Task Half_a_head_keeps_no_place()
    {
        var port = FreePort.Next();
        await using var server = await StartAsync([Listener(port, IPAddress.Loopback, "one") with { Transport = new HttpTransportOptions { MaxConnections = 1 } }]);
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await slow.GetStream().WriteAsync("GET /one HTTP/1.1\r\nHost: a"u8.ToArray(), TestContext.Current.CancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(200, (await AskAsync($"127.0.0.1:{port}", "/one")).Status);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 2, 25);
        using var reader = new StreamReader(slow.GetStream());
        Assert.StartsWith("HTTP/1.1 408 ", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private static HttpListenerOptions Listener(int port, IPAddress? address, string name) =>
        new() { Port = port, IpAddress = address, Handlers = new HttpHandlersOptions { Health = [new HealthHandlerOptions { Host = "_", Path = $"/{name}", Position = new(name, 1, 1) }] } };

    private static async Task<HttpServer> StartAsync(HttpListenerOptions[] listeners)
    {
        var handlers = new Dictionary<Type, HttpHandler> { [typeof(HealthHandlerOptions)] = static (context, table) =>
        {
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync(table.Position.File);
        } };
        var server = new HttpServer(listeners, handlers, _ => throw new InvalidOperationException(), null, NullLoggerFactory.Instance);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    private static async Task<(int Status, string Body, bool IsCompressed)> AskAsync(string authority, string path)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{authority}{path}");
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var isCompressed = answer.Content.Headers.ContentEncoding.Count > 0;
        await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(isCompressed ? new System.IO.Compression.GZipStream(body, System.IO.Compression.CompressionMode.Decompress) : body);
        return ((int)answer.StatusCode, await reader.ReadToEndAsync(TestContext.Current.CancellationToken), isCompressed);
    }
}
