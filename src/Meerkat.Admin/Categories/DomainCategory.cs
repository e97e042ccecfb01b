using Meerkat.Admin.GraphQL;
using Meerkat.Core.Domains;
using Meerkat.Core.Hosts;

namespace Meerkat.Admin.Categories;

/// <summary><c>domain</c>: domains of the configuration and of the database (GQA-DOMAIN-01 to 08).</summary>
internal sealed class DomainCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "DomainAdminQuery";
        admin.Add(Query, "domainsByHostType", call => ByHostType(call.Text("hostType")));
        admin.Add(Query, "allDomains", async call =>
        {
            // Those of the configuration win (GQA-DOMAIN-02).
            var all = Static.Select(Shown).ToDictionary(shown => shown.Domain, StringComparer.Ordinal);
            foreach (var record in server.DomainOperations is { } operations ? await operations.ListAsync(call.Ct) : [])
            {
                all.TryAdd(record.Domain, Shown(record));
            }

            return all.Values.OrderBy(shown => shown.Domain, StringComparer.Ordinal);
        });
        admin.Add(Query, "domainDetails", async call => await FindAsync(call.Text("domain"), call.Ct)
            ?? throw new OperationException("not_found", $"{call.Text("domain")} is not known here", ("domain", call.Text("domain"))));

        const string Mutation = "DomainAdminMutation";
        Change("addDomain", (operations, call) => operations.AddAsync(call.Text("domain"), call.Text("hostType"), call.Ct), true, null);
        Change("removeDomain", (operations, call) => operations.RemoveAsync(call.Text("domain"), call.Text("hostType"), call.Ct), true, "DELETED");
        Change("requestRemoveDomain", (operations, call) => operations.RequestRemovalAsync(call.Text("domain"), call.Text("hostType"), call.Ct), true, "DELETING");
        Change("enableDomain", (operations, call) => operations.EnableAsync(call.Text("domain"), call.Ct), false, "ENABLED");
        Change("disableDomain", (operations, call) => operations.DisableAsync(call.Text("domain"), call.Ct), false, "DISABLED");

        void Change(string field, Func<DomainOperations, OperationCall, Task<DomainResult>> change, bool namesHostType, string? status) => admin.Add(Mutation, field, async call =>
        {
            var domain = call.Text("domain");
            var hostType = namesHostType ? call.Text("hostType") : null;
            var result = await change(server.DomainOperations!, call);
            return result is DomainResult.Ok ? (object)new { Domain = domain, HostType = hostType, Status = status } : throw Refuse(result, domain, hostType);
        });
    }

    private IEnumerable<HostedDomain> Static => server.General.Hosts.Select(name => server.Domains.TryFindAccounts(name, out var served) ? served : null).OfType<HostedDomain>();

    private List<string> ByHostType(string hostType) => server.Domains.FindHostType(hostType) is { } host
        ? [.. server.Domains.All.Where(domain => domain.Service is null && domain.Host == host).Select(domain => domain.Jid.Domain).Order(StringComparer.Ordinal)]
        : throw new OperationException("unknown_host_type", $"There is no host type {hostType}", ("hostType", hostType));

    private async ValueTask<ShownDomain?> FindAsync(string name, CancellationToken ct) =>
        Static.FirstOrDefault(domain => domain.Jid.Domain == name) is { } served ? Shown(served)
        : server.DomainOperations is { } operations && await operations.FindAsync(name, ct) is { } record ? Shown(record)
        : null;

    private static OperationException Refuse(DomainResult result, string domain, string? hostType)
    {
        var (code, reason) = result switch
        {
            DomainResult.InvalidName => ("invalid_domain_name", $"{domain} is no name of a domain, or too long"),
            DomainResult.Static => ("static", $"{domain} is a domain of the configuration"),
            DomainResult.UnknownHostType => ("unknown_host_type", $"The host type {hostType ?? $"of {domain}"} is not in general.host_types"),
            DomainResult.Duplicate => ("duplicate", $"{domain} is there already"),
            DomainResult.NotFound => ("not_found", $"{domain} is not there"),
            DomainResult.WrongHostType => ("wrong_host_type", $"{domain} is not of the host type {hostType}"),
            _ => ("deleted", $"{domain} is being deleted"),
        };
        return hostType is null ? new OperationException(code, reason, ("domain", domain)) : new OperationException(code, reason, ("domain", domain), ("hostType", hostType));
    }

    private static ShownDomain Shown(HostedDomain domain) => new(domain.Jid.Domain, domain.Host.Name, "ENABLED", "STATIC");

    private static ShownDomain Shown(DomainRecord record) => new(record.Domain, record.HostType, record.Status.ToString().ToUpperInvariant(), "DYNAMIC");

    private sealed record ShownDomain(string Domain, string HostType, string Status, string Type);
}
