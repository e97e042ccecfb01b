using Meerkat.Connections.Http;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Inbox;

namespace Meerkat.Admin.Rest.Admin;

/// <summary>The bins of inboxes (RST-ADMIN-25 and 26). A number of days that is 0 means all that is in the bin.</summary>
internal static class InboxBins
{
    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        const AdminApiPart Part = AdminApiPart.Inbox;
        return
        [
            new(Part, "DELETE", "/inbox/{hostType}/{days}/bin", async call =>
            {
                var days = Days(call);
                var domains = server.Domains.All.Where(domain => domain.Service is null && domain.Host.Name == call.Segment("hostType")).ToList();
                var inbox = domains.FirstOrDefault()?.Host.Operations<InboxOperations>() ?? throw new RestException(404, "There is no such host type, or it has no inbox");
                return RestAnswer.Json(await inbox.FlushGlobalBinAsync(domains.Select(domain => domain.Jid.Domain), days, call.Ct));
            })
            {
                Summary = "Empties the bins of a host type's accounts; answers how many conversations went.",
                Refusals = [400, 404],
            },
            new(Part, "DELETE", "/inbox/{domain}/{user}/{days}/bin", async call =>
            {
                var (days, user) = (Days(call), RestCall.Account(call.Segment("user"), call.Segment("domain")));
                if (!server.Domains.TryFindAccounts(user.Domain, out var domain) || await domain.Host.Auth.StoredExistsAsync(user, call.Ct) is not Existence.Yes)
                {
                    throw new RestException(404, "There is no such account");
                }

                var inbox = domain.Host.Operations<InboxOperations>() ?? throw new RestException(404, "The domain has no inbox");
                return RestAnswer.Json(await inbox.FlushUserBinAsync(user, days, call.Ct));
            })
            {
                Summary = "Empties an account's bin; answers how many conversations went.",
                Refusals = [400, 404],
            },
        ];
    }

    private static int? Days(RestCall call) => call.Days("days") is var days and > 0 ? days : null;
}
