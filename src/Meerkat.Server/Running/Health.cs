using System.Text.Json;
using Meerkat.Connections.Http;
using Microsoft.AspNetCore.Http;

namespace Meerkat.Server.Running;

/// <summary>Tells whoever distributes clients whether this server is to get some: <c>/live</c> and <c>/ready</c> below a <c>health</c> handler (HTTP, section 9; ours). For everybody, and never kept.</summary>
/// <remarks>The databases are asked once a second at most, however many ask here. Safe for concurrent use.</remarks>
/// <param name="failing">Finds out what the server needs and has not; empty when it is ready.</param>
/// <param name="time">The clock.</param>
internal sealed class Health(Func<Task<IReadOnlyList<string>>> failing, TimeProvider time)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<IReadOnlyList<string>>? _found;
    private long _asked;

    /// <summary>Serves a request.</summary>
    public Task ServeAsync(HttpContext context, HttpHandlerOptions options)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        return context.Request.Path.Value switch
        {
            "/live" => AnswerAsync(response, StatusCodes.Status200OK, "live"),
            "/ready" => TellAsync(response),
            _ => AnswerAsync(response, StatusCodes.Status404NotFound, "live and ready are here"),
        };
    }

    private async Task TellAsync(HttpResponse response)
    {
        var missing = await FindAsync();
        await (missing.Count > 0 ? RefuseAsync(response, missing) : AnswerAsync(response, StatusCodes.Status200OK, "ready"));
    }

    private Task<IReadOnlyList<string>> FindAsync()
    {
        lock (_gate)
        {
            if (_found is null || (_found.IsCompleted && time.GetElapsedTime(_asked) >= s_fresh))
            {
                _asked = time.GetTimestamp();
                _found = failing();
            }

            return _found;
        }
    }

    private static Task AnswerAsync(HttpResponse response, int status, string text)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain";
        return response.WriteAsync(text);
    }

    private static Task RefuseAsync(HttpResponse response, IReadOnlyList<string> missing)
    {
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.ContentType = "application/json";
        return response.WriteAsync(JsonSerializer.Serialize(new { failing = missing }));
    }
}
