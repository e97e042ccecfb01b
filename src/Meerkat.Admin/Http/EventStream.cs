using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Meerkat.Admin.Http;

/// <summary>Writes a stream of events (HTML, server-sent events): numbered from 1, until nothing comes for a while, the source ends, the client is gone or the server stops.</summary>
/// <remarks>The client cannot go on where it was: there is no replay.</remarks>
/// <param name="context">The request.</param>
/// <param name="idle">How long nothing may come; null for ever.</param>
/// <param name="time">The clock.</param>
internal sealed class EventStream(HttpContext context, TimeSpan? idle, TimeProvider time)
{
    private long _last;

    /// <summary>Writes events as long as there are some.</summary>
    /// <param name="events">Type (null for none) and data of each; data of one line.</param>
    public async Task WriteAsync(Func<CancellationToken, IAsyncEnumerable<(string? Type, string Data)>> events)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        var stopping = context.RequestServices?.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default;
        using var idling = new CancellationTokenSource();
        await using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), idling, idle ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping, idling.Token);
        try
        {
            await response.Body.FlushAsync(over.Token); // the head: the client knows that it is heard
            await foreach (var (type, data) in events(over.Token))
            {
                var text = $"id: {++_last}\n{(type is null ? "" : $"event: {type}\n")}data: {data}\n\n";
                await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), over.Token);
                await response.Body.FlushAsync(over.Token);
                timer.Change(idle ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // It is over, and the client sees that.
        }
    }
}
