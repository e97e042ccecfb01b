using Meerkat.Connections.Http;
using Meerkat.Core.Hosts;
using Meerkat.Modules.MucLight;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest.Admin;

/// <summary>Light rooms (RST-ADMIN-16 to 20).</summary>
internal static class LightRooms
{
    private static readonly RestField[] s_new =
    [
        new("owner", "string", "Who creates it."),
        new("name", "string", "The room's name."),
        new("subject", "string", "Its subject."),
    ];

    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        const AdminApiPart Part = AdminApiPart.MucLight;
        var rooms = new MucLightOperations(server);
        async ValueTask<RestAnswer> CreateAsync(RestCall call, string? id)
        {
            var owner = call.Jid("owner").Bare;
            var (result, room) = await rooms.CreateAsync(call.Segment("mucDomain"), id, owner, [], call.Text("name"), call.Text("subject"), call.Ct);
            LightRoomJson.Answer(result);
            return RestAnswer.Created(room!.Jid.ToString(), room.Jid.ToString());
        }

        return
        [
            new(Part, "POST", "/muc-lights/{mucDomain}", call => CreateAsync(call, null))
            {
                Summary = "Creates a light room.",
                Body = s_new,
                Success = 201,
                Produces = RestAnswer.PlainText,
                Refusals = [400, 403, 404],
            },
            new(Part, "PUT", "/muc-lights/{mucDomain}", call => CreateAsync(call, call.Text("id")))
            {
                Summary = "Creates a light room of a given name.",
                Body = [new("id", "string", "The localpart of its address."), .. s_new],
                Success = 201,
                Produces = RestAnswer.PlainText,
                Refusals = [400, 403, 404],
            },
            new(Part, "POST", "/muc-lights/{mucDomain}/{id}/participants", async call =>
                LightRoomJson.Answer(await rooms.InviteAsync(Room(call), call.Jid("sender").Bare, call.Jid("recipient").Bare, call.Ct)))
            {
                Summary = "Adds somebody to a light room in an occupant's name.",
                Body = [new("sender", "string", "The occupant."), new("recipient", "string", "Who is added.")],
                Success = 204,
                Refusals = [400, 403, 404],
            },
            new(Part, "POST", "/muc-lights/{mucDomain}/{id}/messages", async call =>
                LightRoomJson.Answer(await rooms.SayAsync(Room(call), call.Jid("from").Bare, null, [new XmlBuilder("body", Ns.Client).Text(call.Text("body")).Build()], call.Ct)))
            {
                Summary = "Says something in a light room in an occupant's name.",
                Body = [new("from", "string", "The occupant."), new("body", "string", "The text.")],
                Success = 204,
                Refusals = [400, 403, 404],
            },
            new(Part, "DELETE", "/muc-lights/{mucDomain}/{id}/management", async call => LightRoomJson.Answer(await rooms.DestroyAsync(Room(call), call.Ct)))
            {
                Summary = "Destroys a light room.",
                Success = 204,
                Refusals = [400, 404],
            },
            AdminOperations.Lacking(Part, "DELETE", "/muc-lights/{mucDomain}", 404, "Nothing is destroyed here"),
            AdminOperations.Lacking(Part, "DELETE", "/muc-lights/{mucDomain}/{id}/participants", 404, "Nothing is destroyed here"),
            AdminOperations.Lacking(Part, "DELETE", "/muc-lights/{mucDomain}/{id}/messages", 404, "Nothing is destroyed here"),
        ];
    }

    private static BareJid Room(RestCall call) => RestCall.Account(call.Segment("id"), call.Segment("mucDomain"));
}
