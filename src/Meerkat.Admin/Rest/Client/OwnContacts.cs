using Meerkat.Connections.Http;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Roster;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest.Client;

/// <summary>A user's roster (RST-CLIENT-04 to 08).</summary>
internal sealed class OwnContacts(ServerContext server)
{
    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        const ClientApiPart Part = ClientApiPart.Contacts;
        var contacts = new OwnContacts(server);
        return
        [
            new(Part, "GET", "/contacts", async call =>
            {
                var (result, all) = await contacts.RosterOf(call).ListAsync(call.Self, call.Ct);
                RosterJson.Answer(result);
                return RestAnswer.Json(all.Select(RosterJson.Show));
            })
            {
                Summary = "The own roster.",
                Refusals = [404],
            },
            new(Part, "POST", "/contacts", async call =>
                RosterJson.Answer(await contacts.RosterOf(call).AddAsync(call.Self, new RosterContact(call.Jid("jid").Bare, "", []), call.Ct)))
            {
                Summary = "Puts a contact into the roster.",
                Body = [new("jid", "string", "The contact.")],
                Success = 204,
                Refusals = [400, 403, 404],
            },
            new(Part, "DELETE", "/contacts", contacts.RemoveAllAsync)
            {
                Summary = "Takes contacts out of the roster; answers which were not there.",
                Body = [new("to_delete", "array", "The contacts.")],
                Refusals = [400],
            },
            new(Part, "PUT", "/contacts/{jid}", contacts.SubscribeAsync)
            {
                Summary = "Asks a contact for a subscription, or accepts its request.",
                Body = [new("action", "string", "invite or accept.")],
                Success = 204,
                Refusals = [400, 404],
            },
            new(Part, "DELETE", "/contacts/{jid}", async call => RosterJson.Answer(await contacts.RosterOf(call).RemoveAsync(call.Self, call.JidAt("jid").Bare, call.Ct)))
            {
                Summary = "Takes a contact out of the roster.",
                Success = 204,
                Refusals = [400, 404],
            },
            ClientOperations.Lacking(Part, "GET", "/contacts/{jid}", 404, "One contact is not shown"),
            ClientOperations.Lacking(Part, "PUT", "/contacts", 400, "The path has no contact"),
        ];
    }

    private async ValueTask<RestAnswer> SubscribeAsync(RestCall call)
    {
        var contact = call.JidAt("jid").Bare;
        var type = call.Text("action") switch
        {
            "invite" => PresenceType.Subscribe,
            "accept" => PresenceType.Subscribed,
            var other => throw RestCall.Bad($"There is no action {other}"),
        };
        var roster = RosterOf(call);
        RosterJson.Answer(await roster.SubscribeAsync(call.Self, contact, type, call.Ct));
        return RosterJson.Answer((await roster.FindAsync(call.Self, contact, call.Ct)).Result);
    }

    private async ValueTask<RestAnswer> RemoveAllAsync(RestCall call)
    {
        var contacts = call.Texts("to_delete").Select(text => (Text: text, RestCall.ReadJid(text).Bare)).ToList();
        var roster = RosterOf(call);
        var left = new List<string>();
        foreach (var (text, contact) in contacts)
        {
            if (await roster.RemoveAsync(call.Self, contact, call.Ct) is not RosterResult.Ok)
            {
                left.Add(text);
            }
        }

        return RestAnswer.Json(new { not_deleted = left });
    }

    private RosterOperations RosterOf(RestCall call) =>
        (server.Domains.TryFindAccounts(call.Self.Domain, out var domain) ? domain.Host.Operations<RosterOperations>() : null) ?? throw new RestException(404, "The host has no rosters");
}
