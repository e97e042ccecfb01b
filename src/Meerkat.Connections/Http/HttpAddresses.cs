using Meerkat.Core.Http;

namespace Meerkat.Connections.Http;

/// <summary>Where the listeners are reached, as clients of a domain should call them.</summary>
/// <param name="listeners">The listeners' tables.</param>
/// <param name="ports">Their ports in that order: known once they listen.</param>
public sealed class HttpAddresses(IReadOnlyList<HttpListenerOptions> listeners, Func<IReadOnlyList<Uri>> ports) : IHttpEndpoints
{
    /// <inheritdoc/>
    public Uri? AddressOf(string domain, string path) =>
        Of(domain, handlers => handlers.Modules, "http", path).FirstOrDefault();

    /// <inheritdoc/>
    public IReadOnlyList<Uri> Connections(string domain, HttpConnectionMethod method) => method is HttpConnectionMethod.WebSocket
        ? [.. Of(domain, handlers => handlers.WebSocket, "ws", "")]
        : [.. Of(domain, handlers => handlers.Bosh, "http", "")];

    private IEnumerable<Uri> Of(string domain, Func<HttpHandlersOptions, IEnumerable<HttpHandlerOptions>> handlers, string scheme, string path) =>
        listeners.Select((listener, i) => (Listener: listener, Port: ports() is { } bound && i < bound.Count ? bound[i].Port : listener.Port))
            .OrderBy(entry => entry.Listener.Tls is null)
            .SelectMany(entry => handlers(entry.Listener.Handlers).OrderBy(handler => handler.Position.Line).Select(handler => new UriBuilder(
                entry.Listener.Tls is null ? scheme : $"{scheme}s",
                handler.Host == HttpHandlerOptions.AnyHost ? domain : handler.Host,
                entry.Port is 80 or 443 && (entry.Port == 443) == (entry.Listener.Tls is not null) ? -1 : entry.Port,
                handler.Path.TrimEnd('/') + path).Uri));
}
