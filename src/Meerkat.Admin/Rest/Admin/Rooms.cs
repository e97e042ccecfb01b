using Meerkat.Connections.Http;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Muc;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest.Admin;

/// <summary>Rooms (RST-ADMIN-21 to 24).</summary>
internal sealed class Rooms(ServerContext server)
{
    private const string KickReason = "Removed by the administrator";

    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        const AdminApiPart Part = AdminApiPart.Muc;
        var rooms = new Rooms(server);
        return
        [
            new(Part, "POST", "/mucs/{domain}", rooms.CreateAsync)
            {
                Summary = "Creates a room with the default configuration. The domain is that of the accounts.",
                Body = [new("name", "string", "The localpart of its address."), new("owner", "string", "Who creates it."), new("nick", "string", "The owner's nick.")],
                Success = 201,
                Produces = RestAnswer.PlainText,
                Refusals = [400, 404],
            },
            new(Part, "POST", "/mucs/{domain}/{name}/participants", async call =>
            {
                var (room, muc) = rooms.Find(call, call.Segment("name"));
                return Answer(await muc.InviteAsync(room, call.Jid("sender"), call.Jid("recipient"), call.Text("reason"), call.Ct));
            })
            {
                Summary = "Invites somebody to a room in an occupant's name.",
                Body = [new("sender", "string", "The occupant."), new("recipient", "string", "Who is invited."), new("reason", "string", "Why.")],
                Success = 204,
                Refusals = [400, 403, 404],
            },
            new(Part, "POST", "/mucs/{domain}/{name}/messages", async call =>
            {
                var (room, muc) = rooms.Find(call, call.Segment("name"));
                var from = call.Jid("from") as FullJid ?? throw RestCall.Bad("from has no resource: rooms know their occupants by full addresses");
                await muc.SendMessageAsync(room, from, call.Text("body"), call.Ct);
                return RestAnswer.Done;
            })
            {
                Summary = "Says something in a room in an occupant's name. Whether the room takes it, the occupant's client learns.",
                Body = [new("from", "string", "The occupant, with its resource."), new("body", "string", "The text.")],
                Success = 204,
                Refusals = [400, 404],
            },
            new(Part, "DELETE", "/mucs/{domain}/{name}/{nickname}", async call =>
            {
                var (room, muc) = rooms.Find(call, call.Segment("name"));
                return Answer(await muc.KickAsync(room, call.Segment("nickname"), KickReason, null, call.Ct));
            })
            {
                Summary = "Removes an occupant from a room, as a moderator who is there.",
                Success = 204,
                Refusals = [404],
            },
        ];
    }

    private static RestAnswer Answer(string? outcome) => outcome switch
    {
        null => RestAnswer.Done,
        "room_not_found" => throw new RestException(404, "There is no such room"),
        "moderator_not_found" => throw new RestException(404, "No moderator is in the room"),
        "internal" => throw new RestException(403, "The sender may not enter the room"),
        _ => throw new RestException(403, "The room refuses"),
    };

    private async ValueTask<RestAnswer> CreateAsync(RestCall call)
    {
        var (room, muc) = Find(call, call.Text("name"));
        var owner = call.Jid("owner");
        if (server.Domains.For(owner.Domain) is not { } chain || await chain.StoredExistsAsync(owner.Bare, call.Ct) is not Existence.Yes)
        {
            throw new RestException(404, "There is no such account");
        }

        return await muc.CreateInstantRoomAsync(room, owner, call.Text("nick"), call.Ct) is null
            ? RestAnswer.Created(room.Local!, room.Local!)
            : throw RestCall.Bad("The room refuses its owner or the nick");
    }

    // RST-ADMIN-21: the path has the domain of the accounts, not that of the rooms.
    private (BareJid Room, MucOperations Operations) Find(RestCall call, string name)
    {
        var domain = call.Segment("domain");
        var muc = server.Domains.TryFindAccounts(domain, out var found) ? found.Host.Operations<MucOperations>() : null;
        return muc?.ServiceOf(domain) is { } service ? (RestCall.Account(name, service.Domain), muc) : throw new RestException(404, "The domain is not served here, or has no rooms");
    }
}
