using Meerkat.Admin;
using Meerkat.Admin.Http;
using Meerkat.Admin.Rest;
using Meerkat.Connections.Bosh;
using Meerkat.Connections.Http;
using Meerkat.Connections.WebSockets;
using Meerkat.Server.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>What serves each type of HTTP handler.</summary>
internal static class HttpHandlers
{
    /// <summary>The handlers by the type of their table.</summary>
    public static IReadOnlyDictionary<Type, HttpHandler> All(
        MeerkatServer server, WebSocketHandler webSockets, BoshHandler bosh, ModuleEndpoints modules, AdminApi? api, PrometheusEndpoint? metrics, IReadOnlyList<HttpListenerOptions> listeners, ILoggerFactory loggers) => new Dictionary<Type, HttpHandler>
    {
        [typeof(GraphQLHandlerOptions)] = api is null ? (HttpHandler)NotHereAsync : new GraphQLEndpoint(api).ServeAsync,
        [typeof(AdminApiHandlerOptions)] = api is null ? (HttpHandler)NotHereAsync : new RestEndpoint(api).ServeAdminAsync,
        [typeof(ClientApiHandlerOptions)] = api is null ? (HttpHandler)NotHereAsync : new RestEndpoint(api).ServeClientAsync,
        [typeof(WebSocketHandlerOptions)] = webSockets.ServeAsync,
        [typeof(BoshHandlerOptions)] = bosh.ServeAsync,
        [typeof(ModulesHandlerOptions)] = modules.ServeAsync,
        [typeof(HealthHandlerOptions)] = new Health(server.FindFailingAsync, TimeProvider.System).ServeAsync,
        [typeof(PrometheusHandlerOptions)] = metrics is null ? (HttpHandler)NotHereAsync : metrics.ServeAsync,
        [typeof(WebChatHandlerOptions)] = WebChat(loggers),
        [typeof(WebAdminHandlerOptions)] = WebAdmin(listeners, loggers),
    };

    /// <summary>Whether the build brought the administrators' page.</summary>
    public static bool HasWebAdmin => File.Exists(Path.Combine(WebAdminPage.Folder, "index.html"));

    /// <summary>Whether the build brought the web client.</summary>
    public static bool HasWebChat => File.Exists(Path.Combine(WebChatFolder, "index.html"));

    private static string WebChatFolder => Path.Combine(AppContext.BaseDirectory, "wwwroot", "chat");

    private static Task NotHereAsync(HttpContext context, HttpHandlerOptions options)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static HttpHandler WebAdmin(IReadOnlyList<HttpListenerOptions> listeners, ILoggerFactory loggers) =>
        HasWebAdmin ? new WebAdminPage(listeners, loggers).ServeAsync : (context, _) => SayMissingAsync(context, "the administrators' page");

    private static Task SayMissingAsync(HttpContext context, string what)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync($"This server was built without {what}: Node.js and npm were missing.");
    }

    private static HttpHandler WebChat(ILoggerFactory loggers)
    {
        if (!HasWebChat)
        {
            return (context, _) => SayMissingAsync(context, "the web client");
        }

        var serve = StaticFolder.Serve(WebChatFolder, loggers);
        return (context, _) =>
        {
            if (!context.Request.Path.HasValue || context.Request.Path.Value.Length == 0)
            {
                context.Response.Redirect($"{context.Request.PathBase}/", permanent: true);
                return Task.CompletedTask;
            }

            // The page talks to this server alone, and nobody puts it into a frame.
            context.Response.Headers.ContentSecurityPolicy = "frame-ancestors 'none'";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return serve(context);
        };
    }
}
