using System.Collections.Concurrent;
using Meerkat.Core.Accounts;
using Meerkat.Core.Routing;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hosts;

/// <summary>A domain that is served here: one that has accounts, or the subdomain of a service.</summary>
/// <param name="Jid">The domain's own address.</param>
/// <param name="Host">Its host type.</param>
/// <param name="Service">What answers there; null for a domain with accounts.</param>
/// <param name="Parent">The domain that a service belongs to; null for a domain with accounts or a service of the whole host type.</param>
public sealed record HostedDomain(BareJid Jid, HostType Host, IService? Service = null, BareJid? Parent = null);

/// <summary>Which domain names are served here. A look-up is one dictionary access, however many there are. Safe for concurrent use.</summary>
public sealed class DomainTable : IAuthChains
{
    private readonly ConcurrentDictionary<string, HostedDomain> _domains = new(StringComparer.Ordinal);

    /// <summary>All domains and subdomains, in no order.</summary>
    public IEnumerable<HostedDomain> All => _domains.Values;

    /// <summary>Serves a domain with the services of its host type on its subdomains (CORE-244).</summary>
    /// <returns>The subdomains that were not served because their name is taken.</returns>
    public IReadOnlyList<string> Add(BareJid domain, HostType host)
    {
        _domains[domain.Domain] = new HostedDomain(domain, host);
        var taken = new List<string>();
        foreach (var (template, service) in host.Services)
        {
            var name = template.Replace("@HOST@", domain.Domain, StringComparison.Ordinal);
            var parent = template == name ? null : domain;
            if (!BareJid.TryCreate(null, name, out var address) || !_domains.TryAdd(address.Domain, new HostedDomain(address, host, service, parent)))
            {
                taken.Add(name);
            }
        }

        return taken;
    }

    /// <summary>Finds what serves a domain name.</summary>
    /// <param name="domain">A prepared domain name.</param>
    /// <param name="found">What serves it.</param>
    public bool TryFind(string domain, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out HostedDomain? found) => _domains.TryGetValue(domain, out found);

    /// <summary>Finds a domain that has accounts and takes client streams (CORE-022, CORE-245).</summary>
    public bool TryFindAccounts(string domain, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out HostedDomain? found) =>
        _domains.TryGetValue(domain, out found) && found.Service is null;

    /// <inheritdoc/>
    public AuthChain? For(string domain) => TryFindAccounts(domain, out var found) ? found.Host.Auth : null;
}
