using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Core.Routing;

/// <summary>What answers on a subdomain: a directory search, a room service.</summary>
public interface IService
{
    /// <summary>What the service calls itself in the list of the domain's items (XEP-0030); null when it has no name.</summary>
    string? Name { get; }

    /// <summary>The node with which the service is listed among the domain's items (MUL-001); null where it is listed by its address alone.</summary>
    string? Node => null;

    /// <summary>Handles a stanza addressed to the subdomain or to an address on it.</summary>
    /// <param name="stanza">The stanza; <c>to</c> is set.</param>
    /// <param name="ct">Cancels the wait.</param>
    ValueTask HandleAsync(Stanza stanza, CancellationToken ct);

    /// <summary>Handles a stanza of which it may be known who sent it. A service that minds overrides this.</summary>
    /// <param name="stanza">The stanza; <c>to</c> is set.</param>
    /// <param name="origin">The local session that sent it; null when it came from the server, another service or elsewhere.</param>
    /// <param name="ct">Cancels the wait.</param>
    ValueTask HandleAsync(Stanza stanza, Session? origin, CancellationToken ct) => HandleAsync(stanza, ct);
}
