using System.Net;
using System.Text.Json;
using Meerkat.Connections.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>Serves the administrators' page: files that the build brought, and <c>endpoints.json</c>, which says where GraphQL is on the same listener.</summary>
/// <remarks>
/// The page is the same for everybody and knows nothing: what it shows it asks GraphQL for, as whoever signs in. Its policy lets it run its own script, talk to this server alone, and stand in no frame.
/// Safe for concurrent use.
/// </remarks>
/// <param name="listeners">The listeners.</param>
/// <param name="loggers">Loggers.</param>
internal sealed class WebAdminPage(IReadOnlyList<HttpListenerOptions> listeners, ILoggerFactory loggers)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly RequestDelegate _files = StaticFolder.Serve(Folder, loggers);

    /// <summary>Where the build puts the page.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "wwwroot", "admin");

    /// <summary>Serves a request below a handler's path.</summary>
    public Task ServeAsync(HttpContext context, HttpHandlerOptions options)
    {
        var response = context.Response;
        if (((WebAdminHandlerOptions)options).LoopbackOnly && !IsLocal(context.Connection.RemoteIpAddress))
        {
            response.StatusCode = StatusCodes.Status403Forbidden;
            response.ContentType = "text/plain";
            return response.WriteAsync("Administration by this address is for this machine only: see loopback_only in the configuration of webadmin. The HTTPS listener may have the page too.");
        }

        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        response.Headers.CacheControl = "no-cache"; // asked for again each time, and sent again when it has changed
        if (string.IsNullOrEmpty(context.Request.Path.Value))
        {
            response.Redirect($"{context.Request.PathBase}/", permanent: true);
            return Task.CompletedTask;
        }

        return context.Request.Path == "/endpoints.json" ? WriteEndpointsAsync(context, options) : _files(context);
    }

    private static bool IsLocal(IPAddress? remote) => remote is not null && IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote);

    private Task WriteEndpointsAsync(HttpContext context, HttpHandlerOptions options)
    {
        var here = listeners.First(listener => listener.Handlers.WebAdmin.Any(handler => ReferenceEquals(handler, options))).Handlers.GraphQL
            .Where(handler => handler.Host == HttpHandlerOptions.AnyHost || handler.Host == context.Request.Host.Host).ToList();
        string? PathOf(GraphQLSchemaEndpoint endpoint) => here.Find(handler => handler.SchemaEndpoint == endpoint)?.Path;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(new { admin = PathOf(GraphQLSchemaEndpoint.Admin), domainAdmin = PathOf(GraphQLSchemaEndpoint.DomainAdmin) }));
    }
}
