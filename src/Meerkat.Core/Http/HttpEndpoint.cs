namespace Meerkat.Core.Http;

/// <summary>Serves a request to an endpoint. A body or a header that makes no sense is answered, never thrown.</summary>
/// <param name="exchange">The request and its answer.</param>
/// <param name="ct">Cancelled when the client is gone.</param>
public delegate ValueTask HttpEndpointHandler(HttpExchange exchange, CancellationToken ct);

/// <summary>A path that a module serves over HTTP, on every listener with a <c>modules</c> handler.</summary>
/// <remarks>Several host types may offer the same path: the host that the client names decides, and one that is not served here means the default domain.</remarks>
/// <param name="Path">The path, beginning with a slash; what is below it is served too.</param>
/// <param name="Handler">Serves it.</param>
public sealed record HttpEndpoint(string Path, HttpEndpointHandler Handler);
