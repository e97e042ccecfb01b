using Meerkat.Connections.Http;
using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Modules.Mam;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest.Client;

/// <summary>A user's messages (RST-CLIENT-01 to 03).</summary>
internal static class OwnMessages
{
    private const int DefaultLimit = 50;

    /// <summary>What says which page of an archive is wanted.</summary>
    public static IReadOnlyList<RestField> Page { get; } =
    [
        new("limit", "integer", "At most so many; the archive's largest page is the limit of all.", IsRequired: false),
        new("before", "integer", "Only those before this moment, in milliseconds since 1970.", IsRequired: false),
    ];

    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        const ClientApiPart Part = ClientApiPart.Messages;
        var stanzas = new StanzaOperations(server);
        async ValueTask<RestAnswer> ListAsync(RestCall call, Jid? with)
        {
            var (limit, before) = (call.Number("limit", DefaultLimit), call.Moment("before", 1000));
            var archive = (server.Domains.TryFindAccounts(call.Self.Domain, out var domain) ? domain.Host.Operations<MamOperations>() : null) ?? throw new RestException(404, "The host keeps no archives");
            return RestAnswer.Json(limit == 0 ? [] : (await archive.GetLastMessagesAsync(call.Self, with, limit, before, call.Ct)).Messages.Select(MessageJson.Chat));
        }

        return
        [
            new(Part, "POST", "/messages", async call =>
            {
                var to = Jid.TryParse(call.Text("to"), out var recipient) ? recipient : throw RestCall.Bad("to is no address");
                var (result, id) = await stanzas.SendMessageAsync(call.Self, to, call.Text("body"), call.Ct);
                return result is StanzaResult.Ok ? RestAnswer.Json(new { id }) : throw RestCall.Bad("The message cannot be sent");
            })
            {
                Summary = "Sends a message of type chat.",
                Body = [new("to", "string", "The recipient."), new("body", "string", "The text.")],
                Refusals = [400],
            },
            new(Part, "GET", "/messages", call => ListAsync(call, null))
            {
                Summary = "The last messages of the own archive, the oldest first.",
                Query = Page,
                Refusals = [400],
            },
            new(Part, "GET", "/messages/{with}", call => ListAsync(call, Jid.TryParse(call.Segment("with"), out var with) ? with : throw RestCall.Bad("That is no address")))
            {
                Summary = "The last messages with somebody, the oldest first.",
                Query = Page,
                Refusals = [400],
            },
        ];
    }
}
