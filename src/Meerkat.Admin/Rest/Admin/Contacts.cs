using Meerkat.Connections.Http;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Roster;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest.Admin;

/// <summary>Rosters (RST-ADMIN-11 to 15).</summary>
internal sealed class Contacts(ServerContext server)
{
    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        const AdminApiPart Part = AdminApiPart.Contacts;
        var contacts = new Contacts(server);
        return
        [
            new(Part, "GET", "/contacts/{user}", async call =>
            {
                var user = call.JidAt("user").Bare;
                var (result, all) = await contacts.RosterOf(user).ListAsync(user, call.Ct);
                RosterJson.Answer(result);
                return RestAnswer.Json(all.Select(RosterJson.Show));
            })
            {
                Summary = "The roster of an account.",
                Refusals = [400, 404],
            },
            new(Part, "POST", "/contacts/{user}", async call =>
            {
                var (user, contact) = (call.JidAt("user").Bare, call.Jid("jid").Bare);
                return RosterJson.Answer(await contacts.RosterOf(user).AddAsync(user, Plain(contact), call.Ct));
            })
            {
                Summary = "Puts a contact into a roster.",
                Body = [new("jid", "string", "The contact.")],
                Success = 204,
                Refusals = [400, 403, 404],
            },
            new(Part, "PUT", "/contacts/{user}/{contact}", async call =>
            {
                var (user, contact) = (call.JidAt("user").Bare, call.JidAt("contact").Bare);
                var type = call.Text("action") switch
                {
                    "subscribe" or "invite" => PresenceType.Subscribe,
                    "subscribed" or "accept" => PresenceType.Subscribed,
                    var other => throw RestCall.Bad($"There is no action {other}"),
                };
                return RosterJson.Answer(await contacts.RosterOf(user).SubscribeAsync(user, contact, type, call.Ct));
            })
            {
                Summary = "Asks for a subscription in the name of an account, or accepts one.",
                Body = [new("action", "string", "subscribe (or invite), subscribed (or accept).")],
                Success = 204,
                Refusals = [400, 404],
            },
            new(Part, "DELETE", "/contacts/{user}/{contact}", async call =>
            {
                var user = call.JidAt("user").Bare;
                return RosterJson.Answer(await contacts.RosterOf(user).RemoveAsync(user, call.JidAt("contact").Bare, call.Ct));
            })
            {
                Summary = "Takes a contact out of a roster.",
                Success = 204,
                Refusals = [400, 404],
            },
            new(Part, "PUT", "/contacts/{user}/{contact}/manage", async call =>
            {
                var (user, contact) = (call.JidAt("user").Bare, call.JidAt("contact").Bare);
                return RosterJson.Answer(call.Text("action") switch
                {
                    "connect" => await contacts.RosterOf(user).ConnectAsync(Plain(user), Plain(contact), call.Ct),
                    "disconnect" => await contacts.RosterOf(user).DisconnectAsync(user, contact, call.Ct),
                    var other => throw RestCall.Bad($"There is no action {other}"),
                });
            })
            {
                Summary = "Lets two accounts see each other, or takes them out of each other's roster.",
                Body = [new("action", "string", "connect or disconnect.")],
                Success = 204,
                Refusals = [400, 404],
            },
            AdminOperations.Lacking(Part, "PUT", "/contacts/{user}", 400, "The path has no contact"),
            AdminOperations.Lacking(Part, "DELETE", "/contacts/{user}", 400, "The path has no contact"),
        ];
    }

    private static RosterContact Plain(BareJid jid) => new(jid, "", []);

    private RosterOperations RosterOf(BareJid user) =>
        (server.Domains.TryFindAccounts(user.Domain, out var domain) ? domain.Host.Operations<RosterOperations>() : null) ?? throw new RestException(404, "The domain is not served here, or has no rosters");
}
