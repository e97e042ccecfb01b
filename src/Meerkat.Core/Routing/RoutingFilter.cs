using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Core.Routing;

/// <summary>Looks at a stanza that is routed to a domain or a service here, before anybody there sees it. Synchronous and quick.</summary>
/// <param name="stanza">The stanza, its recipient set.</param>
/// <param name="to">What serves the recipient's domain.</param>
/// <returns>What the sender is told, and then the stanza goes no further; null lets it pass.</returns>
public delegate StanzaError? RoutingFilter(Stanza stanza, HostedDomain to);

/// <summary>Filters of stanzas that are routed, in order (CORE-139).</summary>
public enum RoutingSlot
{
    /// <summary>Keeps traffic within a domain (mod_domain_isolation).</summary>
    Isolation,
}
