using Meerkat.Core.Hosts;
using Meerkat.Core.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Http;

/// <summary>Serves what modules offer over HTTP (<see cref="HttpEndpoint"/>): the host that the client names decides whose, an unknown one means the default domain.</summary>
/// <param name="server">The server.</param>
public sealed class ModuleEndpoints(ServerContext server)
{
    private readonly ILogger _log = server.Loggers.CreateLogger<ModuleEndpoints>();

    /// <summary>Serves a request below a handler's path.</summary>
    public async Task ServeAsync(HttpContext context, HttpHandlerOptions handler)
    {
        if (Find(context.Request.Host.Host, context.Request.Path, out var below) is not { } endpoint)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            await endpoint.Handler(new AspNetExchange(context, below.Value ?? ""), context.RequestAborted);
        }
        catch (BadHttpRequestException refused)
        {
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = refused.StatusCode; // a body over the limit, or one that breaks off
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone.
        }
        catch (Exception failure)
        {
            // The boundary of one request: our mistake must not take more with it (HTP-RTE-03).
            HttpLog.EndpointFailed(_log, failure, endpoint.Path);
            if (context.Response.HasStarted)
            {
                context.Abort();
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            }
        }
    }

    /// <summary>Whether a module serves a path for a host.</summary>
    internal bool Serves(string host, PathString path) => Find(host, path, out _) is not null;

    private HttpEndpoint? Find(string host, PathString path, out PathString below)
    {
        below = default;
        foreach (var endpoint in HostOf(host)?.HttpEndpoints ?? [])
        {
            if (path.StartsWithSegments(endpoint.Path, StringComparison.Ordinal, out below))
            {
                return endpoint;
            }
        }

        return null;
    }

    // A service's subdomain is served by the host type of its domain.
    private HostType? HostOf(string host) =>
        server.Domains.TryFind(host.ToLowerInvariant(), out var named) ? named.Host
        : server.Domains.TryFind(server.General.DefaultServerDomain, out var otherwise) ? otherwise.Host
        : null;
}
