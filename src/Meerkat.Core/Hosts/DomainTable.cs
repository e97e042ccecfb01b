using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Accounts;
using Meerkat.Core.Routing;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hosts;

/// <summary>A domain that is served here: one that has accounts, or the subdomain of a service.</summary>
/// <param name="Jid">The domain's own address.</param>
/// <param name="Host">Its host type.</param>
/// <param name="Service">What answers there; null for a domain with accounts.</param>
/// <param name="Parent">The domain that a service belongs to; null for a domain with accounts or a service of the whole host type.</param>
public sealed record HostedDomain(BareJid Jid, HostType Host, IService? Service = null, BareJid? Parent = null)
{
    /// <summary>The name of the domain with accounts that it belongs to: its own, or its parent's (CORE-245). A service of the whole host type belongs to the host of that name, if there is one.</summary>
    public string Home => Service is null ? Jid.Domain : Parent?.Domain ?? Host.Name;
}

/// <summary>Which domain names are served here, and the host types that they are served by. A look-up is one dictionary access, however many there are. Safe for concurrent use.</summary>
/// <remarks>A domain with accounts wins over a subdomain of the same name, whichever came first, and the subdomain comes back when the domain goes. Of two subdomains the first is served (CORE-244).</remarks>
public sealed class DomainTable : IAuthChains
{
    private const string Marker = "@HOST@";

    private readonly ConcurrentDictionary<string, HostedDomain> _domains = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HostType> _hostTypes = new(StringComparer.Ordinal);
    private readonly Lock _changing = new();

    /// <summary>All domains and subdomains, in no order.</summary>
    public IEnumerable<HostedDomain> All => _domains.Values;

    /// <summary>All host types, those without a domain too, in no order.</summary>
    public IEnumerable<HostType> HostTypes => _hostTypes.Values;

    /// <summary>Makes a host type known, with its services of a fixed name. Domains are added to it, now or while the server runs.</summary>
    /// <returns>The services that are not served because their name is taken.</returns>
    public IReadOnlyList<string> AddHostType(HostType host)
    {
        lock (_changing)
        {
            var taken = new List<string>();
            if (_hostTypes.TryAdd(host.Name, host))
            {
                foreach (var (template, service) in host.Services.Where(found => IsFixed(found.Template)))
                {
                    AddService(template, service, host, null, taken);
                }
            }

            return taken;
        }
    }

    /// <summary>Serves a domain with the services of its host type on its subdomains (CORE-244).</summary>
    /// <returns>The subdomains that are not served because their name is taken: those of this domain, and one of another that has to give way to it.</returns>
    public IReadOnlyList<string> Add(BareJid domain, HostType host)
    {
        lock (_changing)
        {
            var taken = new List<string>(AddHostType(host));
            if (_domains.TryGetValue(domain.Domain, out var before) && before.Service is not null)
            {
                taken.Add(domain.Domain);
            }

            _domains[domain.Domain] = new HostedDomain(domain, host);
            foreach (var (template, service) in host.Services.Where(found => !IsFixed(found.Template)))
            {
                AddService(template, service, host, domain, taken);
            }

            return taken;
        }
    }

    /// <summary>Serves a domain and its subdomains no more. Its sessions are somebody else's affair.</summary>
    /// <returns>Whether it was served.</returns>
    public bool Remove(BareJid domain)
    {
        lock (_changing)
        {
            if (!TryFindAccounts(domain.Domain, out var found) || !_domains.TryRemove(domain.Domain, out _))
            {
                return false;
            }

            GiveBack(domain.Domain);
            foreach (var (template, service) in found.Host.Services)
            {
                if (AddressOf(template, domain) is { } address && _domains.TryGetValue(address.Domain, out var served) && ReferenceEquals(served.Service, service) && domain.Equals(served.Parent))
                {
                    _domains.TryRemove(address.Domain, out _);
                    GiveBack(address.Domain);
                }
            }

            return true;
        }
    }

    /// <summary>Finds what serves a domain name.</summary>
    /// <param name="domain">A prepared domain name.</param>
    /// <param name="found">What serves it.</param>
    public bool TryFind(string domain, [NotNullWhen(true)] out HostedDomain? found) => _domains.TryGetValue(domain, out found);

    /// <summary>Finds a domain that has accounts and takes client streams (CORE-022, CORE-245).</summary>
    public bool TryFindAccounts(string domain, [NotNullWhen(true)] out HostedDomain? found) =>
        _domains.TryGetValue(domain, out found) && found.Service is null;

    /// <summary>A host type by its name; null when there is none.</summary>
    public HostType? FindHostType(string name) => _hostTypes.GetValueOrDefault(name);

    /// <summary>The services that a domain has: those on its subdomains, and those of the whole host type. As many look-ups as the host type has services.</summary>
    /// <param name="domain">A domain with accounts.</param>
    public IEnumerable<HostedDomain> ServicesOf(HostedDomain domain)
    {
        foreach (var (template, service) in domain.Host.Services)
        {
            if (AddressOf(template, domain.Jid) is { } address && _domains.TryGetValue(address.Domain, out var served)
                && ReferenceEquals(served.Service, service) && (served.Parent is null || served.Parent.Equals(domain.Jid)))
            {
                yield return served;
            }
        }
    }

    /// <summary>The names that are a domain's own under a host type: its own, and those of services on its subdomains, unless another domain with accounts has one of them.</summary>
    internal IEnumerable<string> NamesOf(BareJid domain, HostType host)
    {
        yield return domain.Domain;
        foreach (var (template, _) in host.Services.Where(found => !IsFixed(found.Template)))
        {
            if (AddressOf(template, domain) is { } address && !TryFindAccounts(address.Domain, out _))
            {
                yield return address.Domain;
            }
        }
    }

    /// <inheritdoc/>
    public AuthChain? For(string domain) => TryFindAccounts(domain, out var found) ? found.Host.Auth : null;

    private static bool IsFixed(string template) => !template.Contains(Marker, StringComparison.Ordinal);

    private static BareJid? AddressOf(string template, BareJid domain) =>
        BareJid.TryCreate(null, template.Replace(Marker, domain.Domain, StringComparison.Ordinal), out var address) ? address : null;

    private void AddService(string template, IService service, HostType host, BareJid? parent, List<string> taken)
    {
        var name = parent is null ? template : template.Replace(Marker, parent.Domain, StringComparison.Ordinal);
        if (!BareJid.TryCreate(null, name, out var address) || !_domains.TryAdd(address.Domain, new HostedDomain(address, host, service, parent)))
        {
            taken.Add(name);
        }
    }

    // A name that is free now may be that of a service which had to give way.
    private void GiveBack(string name)
    {
        for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (TryFindAccounts(name[(dot + 1)..], out var parent))
            {
                foreach (var (template, service) in parent.Host.Services.Where(found => !IsFixed(found.Template)))
                {
                    if (AddressOf(template, parent.Jid) is { } address && address.Domain == name && _domains.TryAdd(name, new HostedDomain(address, parent.Host, service, parent.Jid)))
                    {
                        return;
                    }
                }
            }
        }

        foreach (var host in _hostTypes.Values)
        {
            foreach (var (template, service) in host.Services.Where(found => IsFixed(found.Template)))
            {
                if (BareJid.TryCreate(null, template, out var address) && address.Domain == name && _domains.TryAdd(name, new HostedDomain(address, host, service)))
                {
                    return;
                }
            }
        }
    }
}
