using Meerkat.Core.Configuration;
using Meerkat.Core.Tls;

namespace Meerkat.Core.Hosts;

/// <summary>One web service that is asked: an <c>[outgoing_pools.http.&lt;tag&gt;]</c> table.</summary>
public sealed record HttpPoolOptions : PoolOptions
{
    /// <summary><c>connection</c>: which service.</summary>
    public required HttpConnectionOptions Connection { get; init; }
}

/// <summary>Where a web service is: the <c>connection</c> table of a pool (CONF-148 to CONF-151).</summary>
public sealed record HttpConnectionOptions
{
    /// <summary><c>host</c>: the service's scheme, name and port: <c>https://auth.example:8000</c> (CONF-148).</summary>
    [WebServer]
    public required string Host { get; init; }

    /// <summary><c>path_prefix</c>: what stands before all paths. Default <c>/</c> (CONF-149).</summary>
    [NonEmpty]
    public string PathPrefix { get; init; } = "/";

    /// <summary><c>request_timeout</c>: how long the service may take for an answer, in milliseconds. Default 2000; 0 leaves it to <c>call_timeout</c> (CONF-150).</summary>
    [AtLeast(0), Unit(TimeUnit.Milliseconds)]
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMilliseconds(2000);

    /// <summary><c>tls</c>: for <c>https</c>. Absent: the certificate must be trusted by the system and name the host (CONF-151).</summary>
    public ClientTlsOptions? Tls { get; init; }
}

/// <summary>Scheme, name and port of a web server, and nothing behind them.</summary>
public sealed class WebServerAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "\"http[s]://name[:port]\"";

    /// <inheritdoc/>
    public override string? Accept(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0 ? value : null;
}
