namespace Meerkat.Core.Http;

/// <summary>Ways to open a stream over HTTP.</summary>
public enum HttpConnectionMethod
{
    /// <summary>WebSocket (RFC 7395).</summary>
    WebSocket,

    /// <summary>BOSH (XEP-0206).</summary>
    Bosh,
}

/// <summary>Where this server is reached over HTTP: what modules have to tell clients. The listeners implement it. Safe for concurrent use.</summary>
public interface IHttpEndpoints
{
    /// <summary>The address of an endpoint (<see cref="HttpEndpoint"/>) as clients of a domain should call it: by HTTPS where a listener has it.</summary>
    /// <param name="domain">The domain; the host of the address unless the listener's handler names one.</param>
    /// <param name="path">Path of the endpoint.</param>
    /// <returns>Null when no listener serves modules.</returns>
    Uri? AddressOf(string domain, string path);

    /// <summary>Addresses at which clients of a domain can open streams, encrypted ones first.</summary>
    IReadOnlyList<Uri> Connections(string domain, HttpConnectionMethod method);
}

/// <summary>A server without listeners for HTTP.</summary>
internal sealed class NoHttpEndpoints : IHttpEndpoints
{
    public Uri? AddressOf(string domain, string path) => null;

    public IReadOnlyList<Uri> Connections(string domain, HttpConnectionMethod method) => [];
}
