using Meerkat.Core.Tls;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Meerkat.Connections.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Http;

/// <summary>Serves a request of a handler's host and path.</summary>
/// <param name="context">The request; its path is the part below the handler's.</param>
/// <param name="options">The handler's table.</param>
public delegate Task HttpHandler(HttpContext context, HttpHandlerOptions options);

/// <summary>All HTTP listeners of the server (CONF-088 to CONF-093): one Kestrel, and for each listener the handlers of its table, first match wins.</summary>
public sealed class HttpServer : IAsyncDisposable
{
    // The largest request body; handlers that take more say so themselves.
    private const long MaxBody = 1024 * 1024;

    // As the reference has them (http.md, section 1). A connection counts against its listener's limit: who sends half a head, or nothing, does not keep its place.
    private static readonly TimeSpan s_headTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromSeconds(60);

    // Which listener a connection came to: ports alone do not tell, two addresses may have the same one.
    private static readonly object s_listener = new();

    private readonly WebApplication _application;
    private readonly IReadOnlyDictionary<Type, HttpHandler> _handlers;
    private readonly ModuleEndpoints? _modules;

    /// <summary>Prepares the listeners.</summary>
    /// <param name="listeners">Their tables.</param>
    /// <param name="handlers">What serves a handler, by the type of its table.</param>
    /// <param name="certificates">Finds the certificate of a <c>tls</c> table.</param>
    /// <param name="serverName">The <c>server</c> header; null for none (CONF-063).</param>
    /// <param name="loggers">Loggers.</param>
    /// <param name="modules">What modules serve; null for nothing.</param>
    public HttpServer(
        IReadOnlyList<HttpListenerOptions> listeners,
        IReadOnlyDictionary<Type, HttpHandler> handlers,
        Func<TlsOptions, ServerCertificate> certificates,
        string? serverName,
        ILoggerFactory loggers,
        ModuleEndpoints? modules = null)
    {
        _modules = modules;
        _handlers = handlers;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions()); // what others read from the environment and the working folder is not ours
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var limits = new Dictionary<EndPoint, int>();
        foreach (var listener in listeners.Where(listener => listener.Transport.MaxConnections is not null && listener.Port != 0))
        {
            limits[listener.EndPoint] = Math.Max(1, listener.Transport.MaxConnections!.Value);
        }

        var transport = SocketTransport.Create(sockets => sockets.CreateBoundListenSocket = endPoint => ListenSocket.Bind(endPoint), loggers);
        builder.Services.AddSingleton<IConnectionListenerFactory>(_ => new BoundedListenerFactory(transport, limits));
        if (listeners.Any(listener => listener.Protocol.Compress))
        {
            builder.Services.AddResponseCompression(options => options.EnableForHttps = true);
        }

        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Limits.RequestHeadersTimeout = s_headTimeout;
            kestrel.Limits.KeepAliveTimeout = s_idleTimeout;
            foreach (var listener in listeners)
            {
                foreach (var handler in listener.Handlers.InOrder)
                {
                    HttpMetrics.Begin(handler);
                }

                var served = new Served(listener.Handlers.InOrder, listener.Protocol.Compress);
                kestrel.Listen(listener.EndPoint, endPoint =>
                {
                    endPoint.Use(next => connection =>
                    {
                        connection.Items[s_listener] = served;
                        return next(connection);
                    });
                    Configure(endPoint, listener, certificates);
                });
            }
        });

        _application = builder.Build();
        if (listeners.Any(listener => listener.Protocol.Compress))
        {
            _application.UseWhen(context => ServedTo(context).IsCompressed, branch => branch.UseResponseCompression());
        }

        _application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        _application.Run(context => ServeAsync(context, serverName));
    }

    /// <summary>Where it listens, once started; one address for each listener, in their order.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>Binds the ports and starts to serve.</summary>
    /// <exception cref="IOException">A port cannot be bound.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        await _application.StartAsync(ct);
        var addresses = _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Addresses = [.. addresses.Select(address => new Uri(address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal)))];
    }

    /// <summary>Serves what is being served to its end, or for a while at most, and closes the ports.</summary>
    public async Task StopAsync(CancellationToken ct) => await _application.StopAsync(ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static void Configure(Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions endPoint, HttpListenerOptions listener, Func<TlsOptions, ServerCertificate> certificates)
    {
        if (listener.Tls is not { } tls)
        {
            return;
        }

        var certificate = certificates(tls);
        var judge = new ClientCertificateJudge(tls, TimeProvider.System, endPoint.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger<ClientCertificateJudge>());
        endPoint.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = connecting => ValueTask.FromResult(new System.Net.Security.SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Context,
                EnabledSslProtocols = TlsServer.Protocols(tls),
                ClientCertificateRequired = tls.VerifyMode is not TlsVerifyMode.None,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) => judge.Judge(certificate as X509Certificate2, chain, errors, connecting.Connection.Items),
            }),
            HandshakeTimeout = TlsServer.HandshakeTimeout,
        });
    }

    private static Served ServedTo(HttpContext context) => (Served)context.Features.Get<IConnectionItemsFeature>()!.Items[s_listener]!;

    private async Task ServeAsync(HttpContext context, string? serverName)
    {
        if (serverName is not null)
        {
            context.Response.Headers.Server = serverName;
        }

        // CONF-093: the named host first, then any; within a host in the order of the file.
        var handlers = ServedTo(context).Handlers;
        var found = handlers.FirstOrDefault(handler => handler.Host.Equals(context.Request.Host.Host, StringComparison.OrdinalIgnoreCase) && Matches(handler, context.Request))
            ?? handlers.FirstOrDefault(handler => handler.Host == HttpHandlerOptions.AnyHost && Matches(handler, context.Request));
        if (found is null || !_handlers.TryGetValue(found.GetType(), out var serve))
        {
            // HTP-RTE-02: a host that nothing is served for is a mistake of the request, another path of a host is not there.
            var isHost = handlers.Any(handler => handler.Host == HttpHandlerOptions.AnyHost || handler.Host.Equals(context.Request.Host.Host, StringComparison.OrdinalIgnoreCase));
            context.Response.StatusCode = (int)(isHost ? HttpStatusCode.NotFound : HttpStatusCode.BadRequest);
            HttpMetrics.Served(null, context.Response.StatusCode);
            return;
        }

        var at = BaseOf(found, context.Request.Path)!;
        context.Request.Path.StartsWithSegments(at, StringComparison.Ordinal, out var below);
        context.Request.PathBase = at;
        context.Request.Path = below;
        var isServed = false;
        try
        {
            await serve(context, found);
            isServed = true;
        }
        finally
        {
            HttpMetrics.Served(found, isServed ? context.Response.StatusCode : (int)HttpStatusCode.InternalServerError);
        }
    }

    // The handler's own path, or that of its documentation (RST §1.3), when the request is for something at or below it.
    private static string? BaseOf(HttpHandlerOptions handler, PathString path) =>
        path.StartsWithSegments(handler.Path.TrimEnd('/'), StringComparison.Ordinal) ? handler.Path.TrimEnd('/')
        : handler is ClientApiHandlerOptions { Docs: true } && path.StartsWithSegments(ClientApiHandlerOptions.DocsPath, StringComparison.Ordinal) ? ClientApiHandlerOptions.DocsPath
        : null;

    // What modules serve is scattered below one path: theirs is only what one of them knows.
    private bool Matches(HttpHandlerOptions handler, HttpRequest request) =>
        BaseOf(handler, request.Path) is { } at
        && (handler is not ModulesHandlerOptions || (request.Path.StartsWithSegments(at, StringComparison.Ordinal, out var below) && _modules?.Serves(request.Host.Host, below) is true));

    // What one listener serves.
    private sealed record Served(IReadOnlyList<HttpHandlerOptions> Handlers, bool IsCompressed);

    // Signals are the program's to handle, not this part's.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
