using Meerkat.Connections.Http;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Modules.Mam;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest.Admin;

/// <summary>Messages and stanzas (RST-ADMIN-07 to 10).</summary>
internal sealed class Messages(ServerContext server)
{
    private const int DefaultLimit = 100;

    private static readonly RestField[] s_page =
    [
        new("limit", "integer", "At most so many; the archive's largest page is the limit of all.", IsRequired: false),
        new("before", "integer", "Only those before this moment, in seconds since 1970.", IsRequired: false),
    ];

    private readonly StanzaOperations _stanzas = new(server);

    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        const AdminApiPart Part = AdminApiPart.Messages;
        var messages = new Messages(server);
        var send = new RestOperation(Part, "POST", "/messages", messages.SendAsync)
        {
            Summary = "Sends a message of type chat in the name of an account.",
            Body = [new("caller", "string", "The sender."), new("to", "string", "The recipient."), new("body", "string", "The text.")],
            Success = 204,
            Refusals = [400],
        };
        return
        [
            send,
            new(Part, "GET", "/messages/{owner}", call => messages.ListAsync(call, null))
            {
                Summary = "The last messages of an account's archive, the oldest first.",
                Query = s_page,
                Refusals = [400, 404],
            },
            new(Part, "GET", "/messages/{owner}/{with}", call => messages.ListAsync(call, call.JidAt("with")))
            {
                Summary = "The last messages of an account with somebody, the oldest first.",
                Query = s_page,
                Refusals = [400, 404],
            },
            new(AdminApiPart.Stanzas, "POST", "/stanzas", messages.SendStanzaAsync)
            {
                Summary = "Sends a stanza in the name of an account: its addresses stand in it.",
                Body = [new("stanza", "string", "The stanza, as XML.")],
                Success = 204,
                Refusals = [400],
            },
            send.Also("/messages/{ignored}"),
            AdminOperations.Lacking(Part, "GET", "/messages", 404, "The path has no owner"),
        ];
    }

    private static RestAnswer Answer(StanzaResult result) => result is StanzaResult.Ok ? RestAnswer.Done : throw RestCall.Bad(result switch
    {
        StanzaResult.UnknownUser => "The sender is no account of this server",
        StanzaResult.NoRecipient => "The stanza names no recipient",
        StanzaResult.InvalidRecipient => "The recipient is no address",
        StanzaResult.NoSender => "The stanza names no sender",
        StanzaResult.InvalidSender => "The sender is no address of an account",
        _ => "That is no message, presence or iq that a client may send",
    });

    private async ValueTask<RestAnswer> SendAsync(RestCall call)
    {
        var to = Jid.TryParse(call.Text("to"), out var recipient) ? recipient : throw RestCall.Bad("to is no address");
        return Answer((await _stanzas.SendMessageAsync(call.Jid("caller"), to, call.Text("body"), call.Ct)).Result);
    }

    private async ValueTask<RestAnswer> SendStanzaAsync(RestCall call)
    {
        try
        {
            return Answer((await _stanzas.SendAsync(XmlElement.Parse(call.Text("stanza"), Ns.Client), call.Ct)).Result);
        }
        catch (XmlFormatException malformed)
        {
            throw RestCall.Bad($"The stanza is no XML: {malformed.Message}");
        }
    }

    private async ValueTask<RestAnswer> ListAsync(RestCall call, Jid? with)
    {
        var (limit, before) = (call.Number("limit", DefaultLimit), call.Moment("before", 1));
        var owner = call.JidAt("owner").Bare;
        if (!server.Domains.TryFindAccounts(owner.Domain, out var domain) || await domain.Host.Auth.StoredExistsAsync(owner, call.Ct) is not Existence.Yes)
        {
            throw RestCall.Bad("There is no such account");
        }

        var archive = domain.Host.Operations<MamOperations>() ?? throw new RestException(404, "The host keeps no archives");
        var messages = limit == 0 ? [] : (await archive.GetLastMessagesAsync(owner, with, limit, before, call.Ct)).Messages;
        return RestAnswer.Json(messages.Select(Show));
    }

    private static object Show(ShownMessage message)
    {
        var stanza = MessageJson.Stored(message);
        return new
        {
            sender = message.From?.ToString() ?? "",
            timestamp = (long)Math.Round((message.Time - DateTimeOffset.UnixEpoch).TotalSeconds),
            message_id = stanza.Attribute("id") ?? "",
            body = stanza.ChildText("body") ?? "",
        };
    }
}
