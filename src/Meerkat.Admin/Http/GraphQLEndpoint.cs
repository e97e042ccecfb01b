using System.Runtime.CompilerServices;
using Meerkat.Admin.GraphQL;
using Meerkat.Connections.Http;
using Meerkat.Core.Accounts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Meerkat.Admin.Http;

/// <summary>GraphQL over HTTP (GQL-HTTP-01 to GQL-HTTP-15), for the server's administrator and for users.</summary>
/// <remarks>
/// Answers have no CORS headers, and a request that a browser makes for a page of somebody else is refused: an endpoint that asks for no password would be everybody's whose page an administrator looks at.
/// Safe for concurrent use.
/// </remarks>
/// <param name="api">What is served.</param>
public sealed class GraphQLEndpoint(AdminApi api)
{
    private const string Json = "application/json";
    private const string Html = "text/html";

    private static readonly string[] s_parameters = ["query", "variables", "operationName"];

    private readonly ILogger _log = api.Server.Loggers.CreateLogger<GraphQLEndpoint>();

    /// <summary>Serves a request to a handler.</summary>
    public async Task ServeAsync(HttpContext context, HttpHandlerOptions options)
    {
        var handler = (GraphQLHandlerOptions)options;
        var wantsEvents = context.Request.Path == "/sse";
        if (context.Request.Path.HasValue && context.Request.Path != "/" && !wantsEvents)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method) && (wantsEvents || !HttpMethods.IsPost(context.Request.Method)))
        {
            context.Response.Headers.Allow = wantsEvents ? "GET" : "GET, POST";
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        if (handler.LoopbackOnly && !Callers.IsLocal(context))
        {
            await WriteAsync(context, ApiAnswer.Refusal(StatusCodes.Status403Forbidden, "loopback_only", "This is for this machine only: see loopback_only in the configuration of mongoose_graphql_handler"));
            return;
        }

        if (Callers.IsForeign(context.Request))
        {
            await WriteAsync(context, ApiAnswer.Refusal(StatusCodes.Status403Forbidden, "cross_origin", "Pages of other sites may not ask here"));
            return;
        }

        if (!BasicCredentials.TryRead(context.Request.Headers.Authorization.ToString(), out var credentials))
        {
            await WriteAsync(context, ApiAnswer.Refusal(StatusCodes.Status401Unauthorized, "request_error", "The header Authorization is malformed"));
            return;
        }

        ApiCaller? caller;
        try
        {
            caller = handler.Tokens.Count > 0 && Callers.Token(context.Request) is { } token ? Identify(handler, token) : await IdentifyAsync(handler, credentials, context.RequestAborted);
        }
        catch (AuthUndecidedException)
        {
            await WriteAsync(context, ApiAnswer.Refusal(StatusCodes.Status500InternalServerError, "internal_server_error", "The password cannot be checked now"));
            return;
        }

        if (caller is null)
        {
            CallersLog.Refused(_log, handler.Path, context.Connection.RemoteIpAddress);
            await WriteAsync(context, ApiAnswer.Refusal(StatusCodes.Status401Unauthorized, "wrong_credentials", "Name or password is wrong"));
            return;
        }

        if (wantsEvents)
        {
            await ServeEventsAsync(context, handler, caller with { Transport = ApiTransport.ServerSentEvents });
            return;
        }

        switch (Negotiate(context.Request))
        {
            case null:
                context.Response.StatusCode = StatusCodes.Status406NotAcceptable;
                break;
            case Html when HttpMethods.IsGet(context.Request.Method):
                await DeveloperPage.Explorer.WriteAsync(context);
                break;
            default:
                await WriteAsync(context, await AnswerAsync(context, handler, caller));
                break;
        }
    }

    // GQL-SSE-01 to 05
    private async Task ServeEventsAsync(HttpContext context, GraphQLHandlerOptions handler, ApiCaller caller)
    {
        var refusal = ReadQuery(context.Request, out var request);
        ApiStream? stream = null;
        if (refusal is null)
        {
            (refusal, stream) = await api.SubscribeAsync(handler.SchemaEndpoint is GraphQLSchemaEndpoint.User, request!, caller, Categories(handler), handler.Introspection, context.RequestAborted);
        }

        if (stream is null)
        {
            await WriteAsync(context, refusal!);
            return;
        }

        await new EventStream(context, handler.SseIdleTimeout, api.Server.Time).WriteAsync(ct => Events(stream, ct));
    }

    private static async IAsyncEnumerable<(string? Type, string Data)> Events(ApiStream stream, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var answer in stream.ReadAsync(ct))
        {
            yield return (null, answer);
        }
    }

    private static HashSet<string>? Categories(GraphQLHandlerOptions handler) => handler.AllowedCategories?.SelectMany(NamesOf).ToHashSet(StringComparer.Ordinal);

    private ApiCaller? Identify(GraphQLHandlerOptions handler, string token) =>
        Callers.IsKnown(token, handler.Tokens, api.Server.Time, _log) ? new ApiCaller(ApiRole.Admin, ApiTransport.Http) : null;

    // GQL, authentication and roles. Null: rejected.
    private async ValueTask<ApiCaller?> IdentifyAsync(GraphQLHandlerOptions handler, BasicCredentials? credentials, CancellationToken ct)
    {
        if (handler.SchemaEndpoint is GraphQLSchemaEndpoint.Admin)
        {
            return handler.Username is null && handler.Tokens.Count == 0 ? (credentials is null ? new ApiCaller(ApiRole.Admin, ApiTransport.Http) : null)
                : credentials is null ? new ApiCaller(ApiRole.Nobody, ApiTransport.Http)
                : handler.Username is not null && Callers.Match(credentials, handler.Username, handler.Password!) ? new ApiCaller(ApiRole.Admin, ApiTransport.Http)
                : null;
        }

        if (credentials is null)
        {
            return new ApiCaller(ApiRole.Nobody, ApiTransport.Http);
        }

        if (handler.SchemaEndpoint is GraphQLSchemaEndpoint.DomainAdmin)
        {
            return await Callers.FindDomainAsync(api.DomainAdmins, credentials, ct) is { } domain ? new ApiCaller(ApiRole.DomainAdmin, ApiTransport.Http, Domain: domain) : null;
        }

        return await Callers.FindAccountAsync(api.Server, credentials, ct) is { } account ? new ApiCaller(ApiRole.User, ApiTransport.Http, account, account.Domain) : null;
    }

    // GQL-HTTP-05: JSON where the client does not care.
    private static string? Negotiate(HttpRequest request)
    {
        if (request.Headers.Accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
        {
            return Json;
        }

        var json = Quality(accepted, Json);
        var html = Quality(accepted, Html);
        return json <= 0 && html <= 0 ? null : html > json ? Html : Json;
    }

    // The most exact entry decides (RFC 9110 §12.5.1).
    private static double Quality(IList<MediaTypeHeaderValue> accepted, string type) => accepted
        .Select(entry => (Exactness: entry.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase) ? 3 : entry.MatchesAllTypes ? 1 : entry.MatchesAllSubTypes && type.StartsWith($"{entry.Type}/", StringComparison.OrdinalIgnoreCase) ? 2 : 0, Quality: entry.Quality ?? 1))
        .Where(entry => entry.Exactness > 0).OrderByDescending(entry => entry.Exactness).Select(entry => entry.Quality).FirstOrDefault();

    private async Task<ApiAnswer> AnswerAsync(HttpContext context, GraphQLHandlerOptions handler, ApiCaller caller)
    {
        ApiRequest? request;
        ApiAnswer? refusal;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            refusal = ReadQuery(context.Request, out request);
        }
        else if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
        {
            return ApiAnswer.Refusal(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", $"The body has to be {Json}");
        }
        else if (await RequestBody.ReadAsync(context, ApiLimits.MaxBody) is { } body)
        {
            refusal = ApiRequest.Read(body, out request);
        }
        else
        {
            return ApiAnswer.Refusal(StatusCodes.Status413PayloadTooLarge, "body_too_large", $"A request may have {ApiLimits.MaxBody} bytes");
        }

        if (refusal is not null)
        {
            return refusal;
        }

        var categories = Categories(handler);
        return handler.SchemaEndpoint is GraphQLSchemaEndpoint.User
            ? await api.ExecuteForUserAsync(request!, caller, categories, handler.Introspection, context.RequestAborted)
            : await api.ExecuteAsync(request!, caller, categories, handler.Introspection, context.RequestAborted);
    }

    // GQL-HTTP-04. The framework takes a percent sign that begins no escape for itself.
    private static ApiAnswer? ReadQuery(HttpRequest http, out ApiRequest? request)
    {
        request = null;
        var text = http.QueryString.Value ?? "";
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
            {
                return ApiAnswer.Refusal(StatusCodes.Status400BadRequest, "invalid_query_parameters", "The query string is malformed");
            }
        }

        var query = http.Query;
        return s_parameters.Any(name => query[name].Count > 1)
            ? ApiAnswer.Refusal(StatusCodes.Status400BadRequest, "invalid_query_parameters", "The query string names something twice")
            : ApiRequest.Read(query["query"], query["variables"], query["operationName"], out request);
    }

    // The names of root fields.
    private static IEnumerable<string> NamesOf(GraphQLCategory category) => category switch
    {
        GraphQLCategory.CheckAuth => ["checkAuth"],
        GraphQLCategory.MucLight => ["muc_light"],
        GraphQLCategory.HttpUpload or GraphQLCategory.HttpUploadSnake => ["httpUpload"],
        GraphQLCategory.ExternalServices => ["externalServices"],
        _ => [category.ToString().ToLowerInvariant()],
    };

    // GQL-HTTP-15: always JSON, and no WWW-Authenticate.
    private static async Task WriteAsync(HttpContext context, ApiAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = $"{Json}; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = answer.Body.Length;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}
