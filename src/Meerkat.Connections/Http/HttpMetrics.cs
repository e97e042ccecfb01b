using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Connections.Http;

/// <summary>What HTTP listeners serve.</summary>
internal static class HttpMetrics
{
    private static readonly Counter<long> s_requests = ServerMetrics.Meter.CreateCounter<long>("meerkat.http.requests", "{request}", "HTTP requests that were answered, by handler and status; a WebSocket counts when it has ended, and what no handler serves as none.");
    private static readonly ConcurrentDictionary<Type, string> s_names = new();
    private static readonly object[] s_statuses = [.. Enumerable.Range(0, 600).Select(status => (object)status)];

    /// <summary>A handler begins to serve: its failures are counted from 0, so that the first is a change (OPS-100). Other statuses appear with their first request.</summary>
    public static void Begin(HttpHandlerOptions handler) => s_requests.Add(0, new("handler", NameOf(handler)), new("status", s_statuses[500]));

    /// <summary>A request was answered.</summary>
    /// <param name="handler">Its handler; null where there is none.</param>
    /// <param name="status">The status.</param>
    public static void Served(HttpHandlerOptions? handler, int status)
    {
        if (s_requests.Enabled)
        {
            s_requests.Add(1, new("handler", handler is null ? "none" : NameOf(handler)), new("status", status is >= 0 and < 600 ? s_statuses[status] : status));
        }
    }

    private static string NameOf(HttpHandlerOptions handler) =>
        s_names.GetOrAdd(handler.GetType(), static type => type.Name.Replace("HandlerOptions", "", StringComparison.Ordinal).ToLowerInvariant());
}
