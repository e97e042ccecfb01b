using Meerkat.Admin.GraphQL;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Inbox;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>inbox</c> (GQA-INBOX-01 to 03, GQU-INBOX-01).</summary>
internal sealed class InboxCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Mutation = "InboxAdminMutation";
        admin.Add(Mutation, "flushUserBin", call => FlushAsync(call.Jid("user").Bare, call));
        admin.Add(Mutation, "flushDomainBin", async call =>
        {
            var domain = call.Text("domain");
            var inbox = In(domain) ?? throw Refusals.DomainNotFound(domain);
            return await inbox.FlushDomainBinAsync(domain, call.FindValue<int>("days"), call.Ct);
        });
        admin.Add(Mutation, "flushGlobalBin", async call =>
        {
            var hostType = call.Text("hostType");
            var domains = server.Domains.All.Where(domain => domain.Service is null && domain.Host.Name == hostType).Select(domain => domain.Jid.Domain).ToList();
            return domains.Count == 0
                ? throw new OperationException("host_type_not_found", $"There is no host type {hostType}", ("host_type", hostType))
                : await In(domains[0])!.FlushGlobalBinAsync(domains, call.FindValue<int>("days"), call.Ct);
        });
        user.Add("InboxUserMutation", "flushBin", call => FlushAsync(call.Self, call));
    }

    private InboxOperations? In(string domain) => server.Domains.TryFindAccounts(domain, out var found) ? found.Host.Operations<InboxOperations>() : null;

    private async ValueTask<int> FlushAsync(BareJid user, OperationCall call)
    {
        var inbox = In(user.Domain) ?? throw new OperationException("domain_not_found", $"{user.Domain} is not served here", ("user", user));
        return await server.Domains.For(user.Domain)!.StoredExistsAsync(user, call.Ct) is Existence.Yes
            ? await inbox.FlushUserBinAsync(user, call.FindValue<int>("days"), call.Ct)
            : throw new OperationException("user_does_not_exist", $"There is no account {user}", ("user", user));
    }
}
