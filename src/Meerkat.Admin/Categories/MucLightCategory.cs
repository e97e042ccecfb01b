using Meerkat.Admin.GraphQL;
using Meerkat.Core.Hosts;
using Meerkat.Modules.MucLight;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>muc_light</c> (GQA-MUCLIGHT-01 to 13, GQU-MUCLIGHT-01 to 12).</summary>
internal sealed class MucLightCategory(ServerContext server) : ICategory
{
    private readonly MucLightOperations _rooms = new(server);

    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "MUCLightAdminQuery";
        admin.Add(Query, "getRoomConfig", async call => Shown(await FindAsync(call, null)));
        admin.Add(Query, "getRoomMessages", call => ReadAsync(call, null));
        admin.Add(Query, "listRoomUsers", async call => Users(await FindAsync(call, null)));
        admin.Add(Query, "listUserRooms", call => RoomsOfAsync(call.Jid("user"), call));
        admin.Add(Query, "getBlockingList", call => BlockedByAsync(call.Jid("user"), call));
        admin.Add(Query, "listRooms", SearchAsync);

        const string Mutation = "MUCLightAdminMutation";
        admin.Add(Mutation, "createRoom", call => CreateAsync(call.Jid("owner").Bare, call));
        admin.Add(Mutation, "changeRoomConfiguration", call => ConfigureAsync(call.Jid("owner").Bare, call));
        admin.Add(Mutation, "inviteUser", call => InviteAsync(call.Jid("sender").Bare, call));
        admin.Add(Mutation, "deleteRoom", async call => Say(await _rooms.DestroyAsync(Room(call), call.Ct), $"{Room(call)} is destroyed", ("room", Room(call))));
        admin.Add(Mutation, "kickUser", call => KickAsync(call.Jid("user").Bare, call.Jid("user").Bare, call));
        admin.Add(Mutation, "sendMessageToRoom", call => SayAsync(call.Jid("from").Bare, call));
        admin.Add(Mutation, "setBlockingList", call => BlockAsync(call.Jid("user"), call));

        const string Own = "MUCLightUserQuery";
        user.Add(Own, "getRoomConfig", async call => Shown(await FindAsync(call, call.Self)));
        user.Add(Own, "getRoomMessages", call => ReadAsync(call, call.Self));
        user.Add(Own, "listRoomUsers", async call => Users(await FindAsync(call, call.Self)));
        user.Add(Own, "listRooms", call => RoomsOfAsync(call.Self, call));
        user.Add(Own, "getBlockingList", call => BlockedByAsync(call.Self, call));

        const string OwnMutation = "MUCLightUserMutation";
        user.Add(OwnMutation, "createRoom", call => CreateAsync(call.Self, call));
        user.Add(OwnMutation, "changeRoomConfiguration", call => ConfigureAsync(call.Self, call));
        user.Add(OwnMutation, "inviteUser", call => InviteAsync(call.Self, call));
        user.Add(OwnMutation, "deleteRoom", async call => Say(await _rooms.DestroyAsync(Room(call), call.Self, call.Ct), $"{Room(call)} is destroyed", ("room", Room(call))));
        user.Add(OwnMutation, "kickUser", call => KickAsync(call.Self, call.Find<Jid>("user")?.Bare ?? call.Self, call));
        user.Add(OwnMutation, "sendMessageToRoom", call => SayAsync(call.Self, call));
        user.Add(OwnMutation, "setBlockingList", call => BlockAsync(call.Self, call));
    }

    private static BareJid Room(OperationCall call) => call.Get<BareJid>("room");

    private async ValueTask<MucLightRoom> FindAsync(OperationCall call, BareJid? reader)
    {
        var (result, room) = await _rooms.FindAsync(Room(call), reader, call.Ct);
        return room ?? throw Refusal(result, ("room", Room(call)));
    }

    private async ValueTask<object> ReadAsync(OperationCall call, BareJid? reader) => await ArchivedStanzas.OfRoomAsync(server, (await FindAsync(call, reader)).Jid, call);

    private async ValueTask<IEnumerable<BareJid>> RoomsOfAsync(Jid user, OperationCall call) =>
        (await _rooms.ListAsync(user.Bare, call.Ct)).OrRefuse(NoUser(user)).Select(membership => membership.Room);

    private async ValueTask<IEnumerable<object>> BlockedByAsync(Jid user, OperationCall call) =>
        (await _rooms.GetBlockingAsync(user.Bare, call.Ct)).OrRefuse(NoUser(user)).Select(block => new { EntityType = block.IsRoom ? "ROOM" : "USER", Action = "DENY", Entity = block.Jid });

    private async ValueTask<object> SearchAsync(OperationCall call)
    {
        var service = call.Text("mucDomain");
        var page = (await _rooms.SearchAsync(service, call.Find<string>("filter"), call.Find<BareJid>("after"), call.Get<int>("limit"), call.Ct))
            .OrRefuse(new OperationException("muc_server_not_found", $"There are no light rooms at {service}", ("mucDomain", service)));
        return new
        {
            Rooms = page.Rooms.Select(room => new
            {
                Jid = room.Room,
                Name = MucLightRoom.NameIn(room.Configuration, room.Room),
                Subject = room.Configuration.GetValueOrDefault(MucLightRoom.SubjectKey),
                UsersNumber = room.Occupants,
            }),
            page.Count,
            NextPage = page.HasMore,
        };
    }

    private async ValueTask<object> CreateAsync(BareJid owner, OperationCall call)
    {
        var (service, id) = (call.Text("mucDomain"), call.Find<string>("id"));
        var (result, room) = await _rooms.CreateAsync(service, id, owner, Options(call), call.Find<string>("name"), call.Find<string>("subject"), call.Ct);
        return room is not null ? Shown(room) : throw Refusal(result, ("mucDomain", service), ("id", id), ("creator", owner));
    }

    // The reply describes the change alone (GQA-MUCLIGHT-02).
    private async ValueTask<object> ConfigureAsync(BareJid actor, OperationCall call)
    {
        var (result, fields) = await _rooms.ConfigureAsync(Room(call), actor, Options(call), call.Find<string>("name"), call.Find<string>("subject"), call.Ct);
        return !result.IsDone ? throw Refusal(result, ("room", Room(call)), ("owner", actor)) : new
        {
            Jid = Room(call),
            Name = fields.GetValueOrDefault(MucLightRoom.NameKey),
            Subject = fields.GetValueOrDefault(MucLightRoom.SubjectKey),
            Participants = Array.Empty<object>(),
            Options = fields,
        };
    }

    private async ValueTask<string> InviteAsync(BareJid sender, OperationCall call)
    {
        var recipient = call.Jid("recipient").Bare;
        return Say(await _rooms.InviteAsync(Room(call), sender, recipient, call.Ct), $"{recipient} is invited to {Room(call)}", ("room", Room(call)), ("sender", sender), ("recipient", recipient));
    }

    private async ValueTask<string> KickAsync(BareJid actor, BareJid user, OperationCall call) =>
        Say(await _rooms.KickAsync(Room(call), actor, user, call.Ct), $"{user} is no longer in {Room(call)}", ("user", user));

    private async ValueTask<string> SayAsync(BareJid sender, OperationCall call) =>
        Say(await _rooms.SayAsync(Room(call), sender, null, [new XmlBuilder("body", Ns.Client).Text(call.Text("body")).Build()], call.Ct), $"The message is sent to {Room(call)}", ("room", Room(call)), ("from", sender));

    private async ValueTask<string> BlockAsync(Jid user, OperationCall call)
    {
        var changes = call.Objects("items").Select(item => (new MucLightBlock((string)item["entityType"]! == "ROOM", ((Jid)item["entity"]!).Bare), (string)item["action"]! == "DENY")).ToList();
        return Say(await _rooms.SetBlockingAsync(user.Bare, changes, call.Ct), $"What {user.Bare} blocks is changed", ("user", user));
    }

    private static IEnumerable<KeyValuePair<string, string>> Options(OperationCall call) =>
        (call.FindList<IDictionary<string, object?>>("options") ?? []).Select(option => KeyValuePair.Create((string)option["key"]!, (string)option["value"]!));

    private object Shown(MucLightRoom room) => new
    {
        room.Jid,
        room.Name,
        room.Subject,
        Participants = Users(room),
        Options = _rooms.Show(room).OrderBy(option => option.Key, StringComparer.Ordinal),
    };

    private static IEnumerable<object> Users(MucLightRoom room) => room.Occupants.Select(occupant => new { occupant.Jid, Affiliation = occupant.Word.ToUpperInvariant() });

    private static string Say(MucLightResult result, string done, params (string, object?)[] details) => result.IsDone ? done : throw Refusal(result, details);

    private static OperationException NoUser(Jid user) => new("user_not_found", $"There is no account {user.Bare}", ("user", user));

    private static OperationException Refusal(MucLightResult result, params (string, object?)[] details)
    {
        var (code, message) = result.Outcome switch
        {
            MucLightOutcome.UserNotFound => ("user_not_found", "There is no such account"),
            MucLightOutcome.ServiceNotFound => ("muc_server_not_found", "There are no light rooms at that domain"),
            MucLightOutcome.RoomNotFound => ("room_not_found", "There is no such room"),
            MucLightOutcome.NotOccupant => ("not_room_member", "The account is not in the room"),
            MucLightOutcome.NotAllowed => ("not_allowed", "The account may not do this in the room"),
            MucLightOutcome.AlreadyExists => ("already_exists", "There is such a room"),
            MucLightOutcome.OccupantLimit => ("max_occupants_reached", "The room would have too many occupants"),
            MucLightOutcome.RoomLimit => ("validation_error", "The creator is in as many rooms as it may be"),
            _ => ("validation_error", "The request makes no sense"),
        };
        return new OperationException(code, result.Reason ?? message, details);
    }
}
