using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Meerkat.Admin.GraphQL;
using Meerkat.Admin.Http;
using Meerkat.Admin.Rest.Admin;
using Meerkat.Admin.Rest.Client;
using Meerkat.Connections.Http;
using Meerkat.Core.Accounts;
using Meerkat.Xmpp;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Meerkat.Admin.Rest;

/// <summary>REST over HTTP, for the server's administrator and for users (RST-GEN-01 to RST-GEN-10).</summary>
/// <remarks>Thin: what is done is done by the same operations as behind GraphQL. Safe for concurrent use.</remarks>
public sealed class RestEndpoint
{
    private const int MaxBody = 1024 * 1024;
    private const int MaxDepth = 64;

    private readonly AdminApi _api;
    private readonly RestTable _admin;
    private readonly RestTable _client;
    private readonly ILogger _log;

    /// <summary>Serves what the administration of a server offers.</summary>
    /// <param name="api">The administration.</param>
    public RestEndpoint(AdminApi api)
    {
        _api = api;
        _log = api.Server.Loggers.CreateLogger<RestEndpoint>();
        _admin = AdminOperations.Of(api);
        _client = ClientOperations.Of(api.Server);
    }

    /// <summary>Serves a request of the administrator.</summary>
    public async Task ServeAdminAsync(HttpContext context, HttpHandlerOptions options)
    {
        var handler = (AdminApiHandlerOptions)options;
        var table = _admin.Only(handler.Handlers);
        if (Callers.IsForeign(context.Request))
        {
            await WriteAsync(context, RestAnswer.Json("Pages of other sites may not ask here", StatusCodes.Status403Forbidden));
            return;
        }

        if (FindAll(context, table, "administration") is not { } found)
        {
            return;
        }

        var isWellFormed = BasicCredentials.TryRead(context.Request.Headers.Authorization.ToString(), out var credentials);
        var isAdmin = handler.Tokens.Count > 0 && Callers.Token(context.Request) is { } token ? Callers.IsKnown(token, handler.Tokens, _api.Server.Time, _log) : isWellFormed && (handler.Username is null
            ? handler.Tokens.Count == 0 && context.Request.Headers.Authorization.Count == 0
            : credentials is not null && Callers.Match(credentials, handler.Username, handler.Password!));
        if (!isAdmin)
        {
            Challenge(context, handler);
            return;
        }

        await ServeAsync(context, found, null);
    }

    /// <summary>Serves a request of a user.</summary>
    public async Task ServeClientAsync(HttpContext context, HttpHandlerOptions options)
    {
        var handler = (ClientApiHandlerOptions)options;
        var table = _client.Only(handler.Handlers);
        if (context.Request.PathBase == ClientApiHandlerOptions.DocsPath && handler.Path != ClientApiHandlerOptions.DocsPath)
        {
            await ServeDocsAsync(context, handler, table);
            return;
        }

        var found = FindAll(context, table, "what users may do");

        // RST, 1.2: pages of other sites may ask in the name of a user whose password they know. They learn too what is not there.
        if (context.Request.Headers.Origin.ToString() is { Length: > 0 } origin)
        {
            var headers = context.Response.Headers;
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowMethods = found is not null ? string.Join(", ", Methods(found)) : headers.Allow is { Count: > 0 } allowed ? allowed : HttpMethods.Options;
            headers.AccessControlAllowCredentials = "true";
            headers.AccessControlAllowHeaders = "authorization, content-type";
            headers.Vary = HeaderNames.Origin;
        }

        if (found is null)
        {
            return;
        }

        if (HttpMethods.IsOptions(context.Request.Method))
        {
            Allow(context, found, StatusCodes.Status200OK);
            return;
        }

        BareJid? account = null;
        try
        {
            if (BasicCredentials.TryRead(context.Request.Headers.Authorization.ToString(), out var credentials) && credentials is not null)
            {
                account = await Callers.FindAccountAsync(_api.Server, credentials, context.RequestAborted);
            }
        }
        catch (AuthUndecidedException)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        if (account is null)
        {
            Challenge(context, handler);
            return;
        }

        await ServeAsync(context, found, account);
    }

    // What is at the path; null when it is answered already. The order is that of the reference: path, method, credentials, body.
    private static IReadOnlyDictionary<string, (RestOperation Operation, Dictionary<string, string> Values)>? FindAll(HttpContext context, RestTable table, string title)
    {
        var path = context.Request.Path.Value ?? "";
        var found = path == "/openapi.json"
            ? new Dictionary<string, (RestOperation, Dictionary<string, string>)> { [HttpMethods.Get] = (new RestOperation(AdminApiPart.Users, HttpMethods.Get, path, call => new(OpenApi.Describe(table, title, context.Request.PathBase))), []) }
            : table.Find(path);
        if (found.Count == 0)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return null;
        }

        if (!found.ContainsKey(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method))
        {
            Allow(context, found, StatusCodes.Status405MethodNotAllowed);
            return null;
        }

        return found;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one request: it is logged and answered.")]
    private async Task ServeAsync(HttpContext context, IReadOnlyDictionary<string, (RestOperation Operation, Dictionary<string, string> Values)> found, BareJid? account)
    {
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            Allow(context, found, StatusCodes.Status200OK);
            return;
        }

        var (operation, values) = found[context.Request.Method];
        RestAnswer answer;
        try
        {
            CheckQuery(context.Request, operation);
            var (refusal, body) = await ReadBodyAsync(context, operation, account is null ? MaxBody : ApiLimits.MaxArguments);
            answer = refusal ?? await operation.Run(new RestCall(values, context.Request.Query, body, account, context.RequestAborted));
        }
        catch (RestException refused)
        {
            answer = refused.ToAnswer();
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
        {
            RestLog.Failed(_log, failure, operation.Method, operation.Path);
            answer = new RestAnswer(StatusCodes.Status500InternalServerError, null, default);
        }

        await WriteAsync(context, answer);
    }

    // RST-GEN-05
    private static void CheckQuery(HttpRequest request, RestOperation operation)
    {
        if (operation.Query is { } known)
        {
            foreach (var (name, value) in request.Query)
            {
                if (!known.Any(field => field.Name == name) || value.Count != 1 || string.IsNullOrEmpty(value[0]))
                {
                    throw RestCall.Bad($"the parameter {name} is not known, has no value or more than one");
                }
            }
        }
    }

    // RST-GEN-04
    private static async Task<(RestAnswer? Refusal, JsonElement Body)> ReadBodyAsync(HttpContext context, RestOperation operation, int most)
    {
        if (operation.Body is null)
        {
            return (null, default);
        }

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            return (new RestAnswer(StatusCodes.Status415UnsupportedMediaType, null, default), default);
        }

        if (await RequestBody.ReadAsync(context, most) is not { } body)
        {
            return (new RestAnswer(StatusCodes.Status413PayloadTooLarge, null, default), default);
        }

        return !JsonText.TryRead(body, MaxDepth, out var root) ? throw RestCall.Bad("the body is not JSON")
            : root.Value.ValueKind is JsonValueKind.Object ? (null, root.Value)
            : throw RestCall.Bad("the body is no object");
    }

    private static async Task ServeDocsAsync(HttpContext context, ClientApiHandlerOptions handler, RestTable table)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Headers.Allow = HttpMethods.Get;
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        switch (context.Request.Path.Value)
        {
            case null or "":
                context.Response.Redirect($"{ClientApiHandlerOptions.DocsPath}/");
                break;
            case "/" or "/index.html":
                await DeveloperPage.Rest.WriteAsync(context);
                break;
            case "/swagger.json":
                await WriteAsync(context, OpenApi.Describe(table, "what users may do", handler.Path.TrimEnd('/')));
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private void Challenge(HttpContext context, HttpHandlerOptions handler)
    {
        if (context.Request.Headers.Authorization.ToString().Length > 0) // who has brought none is only asked for them
        {
            CallersLog.Refused(_log, handler.Path, context.Connection.RemoteIpAddress);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"meerkat\", charset=\"UTF-8\"";
    }

    private static void Allow(HttpContext context, IReadOnlyDictionary<string, (RestOperation Operation, Dictionary<string, string> Values)> found, int status)
    {
        context.Response.Headers.Allow = string.Join(", ", Methods(found));
        context.Response.StatusCode = status;
    }

    private static IEnumerable<string> Methods(IReadOnlyDictionary<string, (RestOperation Operation, Dictionary<string, string> Values)> found) =>
        found.Where(pair => !pair.Value.Operation.IsHidden).Select(pair => pair.Key).Append(HttpMethods.Options);

    private static async Task WriteAsync(HttpContext context, RestAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        if (answer.WriteAsync is { } write)
        {
            await write(context);
            return;
        }

        response.Headers.CacheControl = "no-store";
        if (answer.Below is { } below)
        {
            response.Headers.Location = $"{UriHelper.BuildAbsolute(context.Request.Scheme, context.Request.Host, context.Request.PathBase, context.Request.Path).TrimEnd('/')}/{Uri.EscapeDataString(below)}";
        }

        if (answer.ContentType is not null)
        {
            response.ContentType = answer.ContentType;
            response.Headers.XContentTypeOptions = "nosniff";
            response.ContentLength = answer.Body.Length;
            await response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }
}

internal static partial class RestLog
{
    [LoggerMessage(LogLevel.Error, "The request {Method} {Path} failed")]
    public static partial void Failed(ILogger logger, Exception failure, string method, string path);
}
