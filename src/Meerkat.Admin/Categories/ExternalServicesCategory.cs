using Meerkat.Admin.GraphQL;
using Meerkat.Core.Hosts;
using Meerkat.Modules.ExternalServices;

namespace Meerkat.Admin.Categories;

/// <summary><c>externalServices</c> (GQA-EXTSVC-01).</summary>
internal sealed class ExternalServicesCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user) => admin.Add("ExternalServicesAdminMutation", "getServices", call =>
    {
        var domain = call.Text("domain");
        var services = server.Domains.TryFindAccounts(domain, out var found) ? found.Host.Operations<ExternalServicesOperations>()! : throw Refusals.DomainNotFound(domain);
        return services.List(found.Jid, call.Find<string>("type")).Select(service => new
        {
            service.Host,
            service.Type,
            service.Port,
            service.Transport,
            service.Username,
            service.Password,
            Expires = service.Expires is { } moment ? (int?)Math.Min(moment.ToUnixTimeSeconds(), int.MaxValue) : null,
        });
    });
}
