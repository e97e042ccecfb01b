using System.Net;
using Meerkat.Connections.Bosh;
using Meerkat.Connections.Http;

namespace Meerkat.Testing;

/// <summary>A test server behind a real HTTP listener on a free loopback port, with BOSH at <c>/http-bind</c> and what modules serve at <c>/</c>.</summary>
public sealed class TestHttpServer : IAsyncDisposable
{
    private HttpServer _http = null!;

    private TestHttpServer(TestServer server, BoshOptions bosh)
    {
        Server = server;
        Bosh = new BoshHandler(server.Context, bosh);
    }

    /// <summary>The server.</summary>
    public TestServer Server { get; }

    /// <summary>Its BOSH sessions.</summary>
    public BoshHandler Bosh { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address => _http.Addresses[0];

    /// <summary>Where BOSH is.</summary>
    public Uri BoshAddress => new(Address, "/http-bind");

    /// <summary>Starts a server.</summary>
    /// <param name="bosh">BOSH's options; null for the defaults.</param>
    /// <param name="server">What the server is made of.</param>
    public static async Task<TestHttpServer> StartAsync(BoshOptions? bosh = null, Action<TestServerBuilder>? server = null)
    {
        var on = new TestHttpServer(await TestServer.StartAsync(server), bosh ?? new BoshOptions());
        var context = on.Server.Context;
        var listener = new HttpListenerOptions
        {
            Port = 0,
            IpAddress = IPAddress.Loopback,
            Transport = new HttpTransportOptions { MaxConnections = null },
            Handlers = new HttpHandlersOptions
            {
                Bosh = [new BoshHandlerOptions { Host = "_", Path = "/http-bind", MaxStanzaSize = 20_000 }],
                Modules = [new ModulesHandlerOptions { Host = "_", Path = "/" }],
            },
        };
        var modules = new ModuleEndpoints(context);
        var handlers = new Dictionary<Type, HttpHandler> { [typeof(BoshHandlerOptions)] = on.Bosh.ServeAsync, [typeof(ModulesHandlerOptions)] = modules.ServeAsync };
        on._http = new HttpServer([listener], handlers, static _ => throw new InvalidOperationException("no TLS here"), null, on.Server.Log, modules);
        context.Http = new HttpAddresses([listener], () => on._http.Addresses);
        await on._http.StartAsync(CancellationToken.None);
        return on;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Bosh.StopAsync(TimeSpan.Zero);
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _http.StopAsync(now.Token);
        await _http.DisposeAsync();
        await Server.DisposeAsync();
    }
}
