using Meerkat.Core.Configuration;
using Meerkat.Core.Http;

namespace Meerkat.Modules.HostMeta;

/// <summary>Options of <c>mod_host_meta</c>: a <c>[modules.mod_host_meta]</c> table. Ours.</summary>
public sealed record HostMetaOptions : IHttpModuleOptions
{
    /// <summary><c>websocket_url</c>: where clients open WebSockets, such as <c>wss://chat.example.org/ws-xmpp</c> of a proxy in front. Default: the listeners with TLS that serve them.</summary>
    [SecureUrl("wss")]
    public string? WebsocketUrl { get; init; }

    /// <summary><c>bosh_service_url</c>: where clients open BOSH sessions, such as <c>https://chat.example.org/http-bind</c>. Default: the listeners with TLS that serve them.</summary>
    [SecureUrl("https")]
    public string? BoshServiceUrl { get; init; }

    /// <inheritdoc/>
    public bool ServesHttp => true;
}

/// <summary>An absolute URL of an encrypted scheme: XEP-0156 §3.1 allows no other.</summary>
/// <param name="scheme">The scheme.</param>
public sealed class SecureUrlAttribute(string scheme) : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => $"an absolute URL that begins with \"{scheme}://\"";

    /// <inheritdoc/>
    public override string? Accept(string value) => Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme == scheme ? value : null;
}
