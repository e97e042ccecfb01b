using Meerkat.Connections.Http;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest.Admin;

/// <summary>Sessions (RST-ADMIN-05 and 06).</summary>
internal static class Sessions
{
    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        const AdminApiPart Part = AdminApiPart.Sessions;
        var sessions = new SessionOperations(server);
        var list = new RestOperation(Part, "GET", "/sessions/{domain}", async call =>
        {
            var all = await sessions.ListAsync(call.Segment("domain"), call.Ct) ?? throw new RestException(404, "The domain is not served here");
            return RestAnswer.Json(all.Select(session => session.User.ToString()));
        })
        {
            Summary = "The sessions of a domain, by address.",
            Refusals = [404],
        };
        return
        [
            list,
            new(Part, "DELETE", "/sessions/{domain}/{username}/{resource}", async call =>
            {
                var jid = FullJid.TryCreate(RestCall.Account(call.Segment("username"), call.Segment("domain")), call.Segment("resource"), out var full) ? full : throw RestCall.Bad("That is no resource");
                return await sessions.KickAsync(jid, null, call.Ct) is SessionResult.Ok ? RestAnswer.Done : throw new RestException(404, "There is no such session");
            })
            {
                Summary = "Ends a session.",
                Success = 204,
                Refusals = [400, 404],
            },
            list.Also("/sessions/{domain}/{username}"),
            list.Also("/sessions/{domain}/{username}/{resource}"),
            AdminOperations.Lacking(Part, "DELETE", "/sessions/{domain}", 400, "The path has no user name"),
            AdminOperations.Lacking(Part, "DELETE", "/sessions/{domain}/{username}", 400, "The path has no resource"),
        ];
    }
}
