using Meerkat.Admin.GraphQL;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Offline;

namespace Meerkat.Admin.Categories;

/// <summary><c>offline</c> (GQA-OFFLINE-01 and 02).</summary>
internal sealed class OfflineCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Mutation = "OfflineAdminMutation";
        admin.Add(Mutation, "deleteExpiredMessages", async call => $"{await In(call).RemoveExpiredAsync(call.Text("domain"), call.Ct)} expired messages were removed");
        admin.Add(Mutation, "deleteOldMessages", async call => $"{await In(call).RemoveOlderAsync(call.Text("domain"), call.Get<int>("days"), call.Ct)} old messages were removed");
    }

    private OfflineOperations In(OperationCall call) =>
        server.Domains.TryFindAccounts(call.Text("domain"), out var found) ? found.Host.Operations<OfflineOperations>()! : throw Refusals.DomainNotFound(call.Text("domain"));
}
