using System.Text.Json;
using Meerkat.Connections.Http;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Mam;
using Meerkat.Modules.MucLight;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest.Client;

/// <summary>The light rooms that a user is in (RST-CLIENT-09 to 17). A room is named by its localpart or its whole address.</summary>
internal sealed class OwnRooms
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    private static readonly RestField[] s_names = [new("name", "string", "The room's name."), new("subject", "string", "Its subject.")];

    private readonly ServerContext _server;
    private readonly MucLightOperations _rooms;

    private OwnRooms(ServerContext server)
    {
        _server = server;
        _rooms = new MucLightOperations(server);
    }

    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        var rooms = new OwnRooms(server);
        return
        [
            new(ClientApiPart.Rooms, "GET", "/rooms", rooms.ListAsync) { Summary = "The rooms that the user is in.", Refusals = [404] },
            new(ClientApiPart.Rooms, "POST", "/rooms", call => rooms.CreateAsync(call, null)) { Summary = "Creates a room.", Body = s_names, Success = 201, Refusals = [400, 403, 404] },
            new(ClientApiPart.Rooms, "GET", "/rooms/{id}", rooms.ShowAsync) { Summary = "A room and who is in it.", Refusals = [400, 403, 404] },
            new(ClientApiPart.Rooms, "PUT", "/rooms/{id}", call => rooms.CreateAsync(call, rooms.Room(call).Local)) { Summary = "Creates a room of a given name.", Body = s_names, Success = 201, Refusals = [400, 403, 404] },
            new(ClientApiPart.RoomsConfig, "PUT", "/rooms/{id}/config", async call =>
                LightRoomJson.Answer((await rooms._rooms.ConfigureAsync(rooms.Room(call), call.Self, [], call.Text("name"), call.Text("subject"), call.Ct)).Result))
            {
                Summary = "Gives a room another name and subject.",
                Body = s_names,
                Success = 204,
                Refusals = [400, 403, 404],
            },
            new(ClientApiPart.RoomsUsers, "POST", "/rooms/{id}/users", async call =>
                LightRoomJson.Answer(await rooms._rooms.InviteAsync(rooms.Room(call), call.Self, call.Jid("user").Bare, call.Ct)))
            {
                Summary = "Adds somebody to a room.",
                Body = [new("user", "string", "Who is added.")],
                Success = 204,
                Refusals = [400, 403, 404],
            },
            new(ClientApiPart.RoomsUsers, "DELETE", "/rooms/{id}/users/{user}", async call =>
                LightRoomJson.Answer(await rooms._rooms.KickAsync(rooms.Room(call), call.Self, call.JidAt("user").Bare, call.Ct)))
            {
                Summary = "Takes somebody out of a room: an owner anybody, others only themselves.",
                Success = 204,
                Refusals = [400, 403, 404],
            },
            new(ClientApiPart.RoomsMessages, "GET", "/rooms/{id}/messages", rooms.ReadAsync) { Summary = "The last messages of a room, the oldest first.", Query = OwnMessages.Page, Refusals = [400, 403, 404] },
            new(ClientApiPart.RoomsMessages, "POST", "/rooms/{id}/messages", rooms.SayAsync)
            {
                Summary = "Says something in a room.",
                Body =
                [
                    new("body", "string", "The text.", IsRequired: false),
                    new("markable", "boolean", "Whether readers should send markers.", IsRequired: false),
                    new("chat_marker", "object", "A marker: type (received, displayed, acknowledged) and id of the message.", IsRequired: false),
                ],
                Refusals = [400, 403, 404],
            },
            ClientOperations.Lacking(ClientApiPart.Rooms, "PUT", "/rooms", 400, "The path has no room"),
            ClientOperations.Lacking(ClientApiPart.RoomsUsers, "DELETE", "/rooms/{id}/users", 400, "The path has no user"),
        ];
    }

    private BareJid Service(RestCall call) => _rooms.ServiceOf(call.Self.Domain) ?? throw new RestException(404, "The host has no light rooms");

    private BareJid Room(RestCall call)
    {
        var service = Service(call);
        var id = call.Segment("id");
        if (!id.Contains('@', StringComparison.Ordinal))
        {
            return RestCall.Account(id, service.Domain);
        }

        var room = RestCall.ReadJid(id).Bare;
        return room.Domain == service.Domain ? room : throw RestCall.Bad("That room is at another domain");
    }

    private async ValueTask<RestAnswer> ListAsync(RestCall call)
    {
        Service(call);
        var rooms = await _rooms.ListAsync(call.Self, call.Ct) ?? [];
        return RestAnswer.Json(rooms.Select(room => new { id = room.Room.Local, name = room.Name, subject = room.Configuration.GetValueOrDefault(MucLightRoom.SubjectKey) ?? "" }));
    }

    private async ValueTask<RestAnswer> CreateAsync(RestCall call, string? id)
    {
        var (result, room) = await _rooms.CreateAsync(Service(call).Domain, id, call.Self, [], call.Text("name"), call.Text("subject"), call.Ct);
        LightRoomJson.Answer(result);
        return RestAnswer.Json(new { id = room!.Jid.Local }, 201);
    }

    private async ValueTask<MucLightRoom> FindAsync(RestCall call)
    {
        var (result, room) = await _rooms.FindAsync(Room(call), call.Self, call.Ct);
        LightRoomJson.Answer(result);
        return room!;
    }

    private async ValueTask<RestAnswer> ShowAsync(RestCall call)
    {
        var room = await FindAsync(call);
        return RestAnswer.Json(new
        {
            name = room.Name,
            subject = room.Subject ?? "",
            participants = room.Occupants.Select(occupant => new { user = occupant.Jid.ToString(), role = occupant.Word }),
        });
    }

    private async ValueTask<RestAnswer> ReadAsync(RestCall call)
    {
        var (limit, before) = (call.Number("limit", DefaultLimit, MaxLimit), call.Moment("before", 1000));
        var room = (await FindAsync(call)).Jid;
        var archive = (_server.Domains.TryFind(room.Domain, out var hosted) ? hosted.Host.Operations<RoomMamOperations>() : null) ?? throw new RestException(404, "The rooms keep no archives");
        return RestAnswer.Json(limit == 0 ? [] : (await archive.GetLastMessagesAsync(room, null, limit, before, call.Ct)).Messages.Select(message => MessageJson.Room(message, room)));
    }

    private async ValueTask<RestAnswer> SayAsync(RestCall call)
    {
        var payload = new List<XmlElement>();
        if (call.FindText("body") is { } body)
        {
            payload.Add(new XmlBuilder("body", Ns.Client).Text(body).Build());
            if (call.Find("markable") is { ValueKind: JsonValueKind.True })
            {
                payload.Add(new XmlBuilder("markable", Ns.ChatMarkers).Build());
            }
        }

        if (call.Find("chat_marker") is { } marker)
        {
            payload.Add(Marker(marker));
        }

        if (payload.Count == 0)
        {
            throw RestCall.Bad("There is nothing to send");
        }

        var id = Guid.NewGuid().ToString("D");
        LightRoomJson.Answer(await _rooms.SayAsync(Room(call), call.Self, id, payload, call.Ct));
        return RestAnswer.Json(new { id });
    }

    private static XmlElement Marker(JsonElement marker) =>
        marker.ValueKind is JsonValueKind.Object
        && marker.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String && type.GetString() is "received" or "displayed" or "acknowledged"
        && marker.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String
            ? new XmlBuilder(type.GetString()!, Ns.ChatMarkers).Attribute("id", id.GetString()).Build()
            : throw RestCall.Bad("chat_marker has to have a type (received, displayed, acknowledged) and an id");
}
