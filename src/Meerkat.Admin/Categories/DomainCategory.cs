using Meerkat.Admin.GraphQL;
using Meerkat.Core.Hosts;

namespace Meerkat.Admin.Categories;

/// <summary><c>domain</c>, as far as domains of the configuration go (GQA-DOMAIN-01 to 03).</summary>
internal sealed class DomainCategory(ServerContext server) : ICategory
{
    private IEnumerable<HostedDomain> Domains => server.Domains.All.Where(domain => domain.Service is null).OrderBy(domain => domain.Jid.Domain, StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "DomainAdminQuery";
        admin.Add(Query, "domainsByHostType", call =>
        {
            var hostType = call.Text("hostType");
            var domains = Domains.Where(domain => domain.Host.Name == hostType).Select(domain => domain.Jid.Domain).ToList();
            return domains.Count > 0 ? domains : throw new OperationException("unknown_host_type", $"There is no host type {hostType}", ("hostType", hostType));
        });
        admin.Add(Query, "allDomains", call => Domains.Select(Shown));
        admin.Add(Query, "domainDetails", call => server.Domains.TryFindAccounts(call.Text("domain"), out var found)
            ? Shown(found)
            : throw new OperationException("not_found", $"{call.Text("domain")} is not known here", ("domain", call.Text("domain"))));
    }

    private static object Shown(HostedDomain domain) => new { domain.Jid.Domain, HostType = domain.Host.Name, Status = "ENABLED", Type = "STATIC" };
}
