using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xmpp;

namespace Meerkat.Modules.DomainIsolation;

/// <summary>Keeps traffic within a domain: what comes from another one, or goes to another one, is not delivered.</summary>
/// <remarks>DIS-001 to DIS-003, CORE-250. A service on a subdomain belongs to its parent, so that users reach the services of their own domain and those answer them.</remarks>
/// <param name="server">The server.</param>
[Module("mod_domain_isolation")]
public sealed class DomainIsolationModule(ServerContext server) : IModule
{
    private static readonly StanzaError s_refusal = StanzaError.ServiceUnavailable("Filtered by the domain isolation");

    /// <inheritdoc/>
    public void Register(IModuleRegistry on) => on.FilterRouting(RoutingSlot.Isolation, Filter);

    // Without a sender it is the server's own.
    private StanzaError? Filter(Stanza stanza, HostedDomain to) =>
        stanza.From is not { } from || from.Domain == to.Jid.Domain || HomeOf(from.Domain) == to.Home ? null : s_refusal;

    private string HomeOf(string domain) => server.Domains.TryFind(domain, out var found) ? found.Home : domain;
}
