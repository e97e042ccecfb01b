using System.Diagnostics.CodeAnalysis;
using Meerkat.Admin.GraphQL;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Muc;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>muc</c> (GQA-MUC-01 to 16, GQU-MUC-01 to 16).</summary>
internal sealed class MucCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        RegisterQueries(admin, user);
        const string Mutation = "MUCAdminMutation";
        admin.Add(Mutation, "createInstantRoom", call => CreateAsync(call.Jid("owner"), call));
        admin.Add(Mutation, "inviteUser", call => InviteAsync(call.Jid("sender"), "An administrator invites you.", call));
        admin.Add(Mutation, "kickUser", call => KickAsync(null, call));
        admin.Add(Mutation, "sendMessageToRoom", call => SayAsync(call.Get<FullJid>("from"), call));
        admin.Add(Mutation, "sendPrivateMessage", call => WhisperAsync(call.Get<FullJid>("from"), call));
        admin.Add(Mutation, "deleteRoom", call => DeleteAsync(null, call));
        admin.Add(Mutation, "changeRoomConfiguration", call => ConfigureAsync(null, call));
        admin.Add(Mutation, "setUserRole", call => SetRoleAsync(null, call));
        admin.Add(Mutation, "setUserAffiliation", call => SetAffiliationAsync(null, call));
        admin.Add(Mutation, "enterRoom", call => EnterAsync(call.Get<FullJid>("user"), call));
        admin.Add(Mutation, "exitRoom", call => ExitAsync(call.Get<FullJid>("user"), call));

        const string Own = "MUCUserMutation";
        user.Add(Own, "createInstantRoom", call => CreateAsync(call.Self, call));
        user.Add(Own, "inviteUser", call => InviteAsync(call.Self, "A user invites you.", call));
        user.Add(Own, "kickUser", call => KickAsync(call.Self, call));
        user.Add(Own, "sendMessageToRoom", async call => await SayAsync(await SessionAsync(call), call));
        user.Add(Own, "sendPrivateMessage", async call => await WhisperAsync(await SessionAsync(call), call));
        user.Add(Own, "deleteRoom", call => DeleteAsync(call.Self, call));
        user.Add(Own, "changeRoomConfiguration", call => ConfigureAsync(call.Self, call));
        user.Add(Own, "setUserRole", call => SetRoleAsync(call.Self, call));
        user.Add(Own, "setUserAffiliation", call => SetAffiliationAsync(call.Self, call));
        user.Add(Own, "enterRoom", call => EnterAsync(call.Self.WithResource(call.Text("resource")), call));
        user.Add(Own, "exitRoom", call => ExitAsync(call.Self.WithResource(call.Text("resource")), call));
    }

    private void RegisterQueries(OperationMap admin, OperationMap user)
    {
        const string Query = "MUCAdminQuery";
        admin.Add(Query, "listRooms", call => ListAsync(call.Jid("from"), call));
        admin.Add(Query, "getRoomConfig", call => ReadConfigurationAsync(null, call));
        admin.Add(Query, "listRoomUsers", call => ListUsersAsync(null, call));
        admin.Add(Query, "listRoomAffiliations", call => ListAffiliationsAsync(null, call));
        admin.Add(Query, "getRoomMessages", ReadMessagesAsync);

        const string Own = "MUCUserQuery";
        user.Add(Own, "listRooms", call => ListAsync(call.Self, call));
        user.Add(Own, "getRoomConfig", call => ReadConfigurationAsync(call.Self, call));
        user.Add(Own, "listRoomUsers", call => ListUsersAsync(call.Self, call));
        user.Add(Own, "listRoomAffiliations", call => ListAffiliationsAsync(call.Self, call));
        user.Add(Own, "getRoomMessages", async call => (await Find(call).MayReadAsync(Room(call), call.Self, call.Ct)) switch
        {
            true => await ReadMessagesAsync(call),
            false => throw Refusal("not_allowed", call),
            null => throw Refusal("room_not_found", call),
        });
    }

    private static BareJid Room(OperationCall call) => call.Get<BareJid>("room");

    private bool TryFind(string domain, [NotNullWhen(true)] out MucOperations? rooms)
    {
        rooms = server.Domains.TryFind(domain, out var hosted) && hosted.Host.Operations<MucOperations>() is { } found && found.Serves(domain) ? found : null;
        return rooms is not null;
    }

    private MucOperations Find(OperationCall call) => TryFind(Room(call).Domain, out var rooms) ? rooms : throw Refusal("room_not_found", call);

    private async ValueTask<object> CreateAsync(Jid owner, OperationCall call)
    {
        var room = Room(call);
        if (!server.Domains.TryFindAccounts(owner.Domain, out var domain) || await domain.Host.Auth.ExistsAsync(owner.Bare, call.Ct) is not Existence.Yes)
        {
            throw new OperationException("user_not_found", $"There is no account {owner.Bare}", ("room", room), ("owner", owner));
        }

        return room.Local is { } local && TryFind(room.Domain, out var rooms) && await rooms.CreateInstantRoomAsync(room, owner, call.Text("nick"), call.Ct) is null
            ? new { Jid = room, Title = local, Private = (bool?)false, UsersNumber = (int?)0 }
            : throw new OperationException("could_not_create_room", "The service, or the room, refuses it", ("room", room), ("owner", owner));
    }

    private async ValueTask<string> InviteAsync(Jid sender, string reason, OperationCall call)
    {
        var recipient = call.Jid("recipient");
        var outcome = await Find(call).InviteAsync(Room(call), sender, recipient, call.Find<string>("reason") ?? reason, call.Ct);
        return outcome is null ? $"{recipient} is invited to {Room(call)}" : throw Refusal(outcome, call, ("sender", sender));
    }

    private async ValueTask<string> KickAsync(Jid? actor, OperationCall call) =>
        Say(await Find(call).KickAsync(Room(call), call.Text("nick"), call.Find<string>("reason") ?? "", actor, call.Ct), $"{call.Text("nick")} is not in {Room(call)}", call);

    private async ValueTask<string> SayAsync(FullJid from, OperationCall call)
    {
        if (TryFind(Room(call).Domain, out var rooms))
        {
            await rooms.SendMessageAsync(Room(call), from, call.Text("body"), call.Ct);
        }

        return $"The message is sent to {Room(call)}";
    }

    private async ValueTask<string> WhisperAsync(FullJid from, OperationCall call)
    {
        if (TryFind(Room(call).Domain, out var rooms))
        {
            await rooms.SendPrivateMessageAsync(Room(call), from, call.Text("toNick"), call.Text("body"), call.Ct);
        }

        return $"The message is sent to {Room(call)}/{call.Text("toNick")}";
    }

    private async ValueTask<string> DeleteAsync(Jid? actor, OperationCall call) =>
        Say(await Find(call).DeleteAsync(Room(call), call.Find<string>("reason") ?? "", actor, call.Ct), $"{Room(call)} is destroyed", call);

    private async ValueTask<object> ReadConfigurationAsync(Jid? actor, OperationCall call)
    {
        var (configuration, outcome) = await Find(call).GetConfigurationAsync(Room(call), actor, call.Ct);
        return configuration is not null ? MucConfigurationFields.Show(configuration) : throw Refusal(outcome!, call);
    }

    private async ValueTask<object> ConfigureAsync(Jid? actor, OperationCall call)
    {
        var (configuration, outcome) = await Find(call).ChangeConfigurationAsync(Room(call), MucConfigurationFields.Read(call.Get<IDictionary<string, object?>>("config")), actor, call.Ct);
        return configuration is not null ? MucConfigurationFields.Show(configuration) : throw Refusal(outcome!, call);
    }

    private async ValueTask<string> SetRoleAsync(Jid? actor, OperationCall call)
    {
        var (nick, role) = (call.Text("nick"), Enum.Parse<Role>(call.Text("role"), ignoreCase: true));
        return Say(await Find(call).SetRoleAsync(Room(call), nick, role, actor, call.Ct), $"{nick} is a {call.Text("role")} now", call);
    }

    private async ValueTask<string> SetAffiliationAsync(Jid? actor, OperationCall call)
    {
        var (who, affiliation) = (call.Jid("user"), Enum.Parse<Affiliation>(call.Text("affiliation"), ignoreCase: true));
        return Say(await Find(call).SetAffiliationAsync(Room(call), who, affiliation, actor, call.Ct), $"The affiliation of {who.Bare} is {call.Text("affiliation")} now", call);
    }

    private async ValueTask<string> EnterAsync(FullJid who, OperationCall call)
    {
        if (TryFind(Room(call).Domain, out var rooms))
        {
            await rooms.EnterAsync(Room(call), who, call.Text("nick"), call.Find<string>("password"), call.Ct);
        }

        return $"{who} asks to enter {Room(call)}";
    }

    private async ValueTask<string> ExitAsync(FullJid who, OperationCall call)
    {
        if (TryFind(Room(call).Domain, out var rooms))
        {
            await rooms.ExitAsync(Room(call), who, call.Text("nick"), call.Ct);
        }

        return $"{who} leaves {Room(call)}";
    }

    private async ValueTask<object> ListAsync(Jid asking, OperationCall call)
    {
        var service = call.Text("mucDomain");
        if (!TryFind(service, out var rooms))
        {
            throw new OperationException("muc_server_not_found", $"There are no rooms at {service}", ("mucDomain", service));
        }

        var page = await rooms.BrowseRoomsAsync(service, asking, call.FindValue<int>("limit"), call.FindValue<int>("index") ?? 0, call.Ct);
        return new
        {
            Rooms = page.Rooms.Select(room => new { room.Jid, room.Title, Private = room.IsPrivate, UsersNumber = room.Occupants }),
            page.Count,
            page.Index,
            First = page.Rooms is [var first, ..] ? first.Jid.ToString() : null,
            Last = page.Rooms is [.., var last] ? last.Jid.ToString() : null,
        };
    }

    private async ValueTask<IEnumerable<object>> ListUsersAsync(Jid? asking, OperationCall call)
    {
        var (users, outcome) = await Find(call).ListUsersAsync(Room(call), asking, call.Ct);
        return users?.Select(user => new { user.Jid, user.Nick, Role = user.Role.ToString().ToUpperInvariant() }) ?? throw Refusal(outcome!, call);
    }

    private async ValueTask<IEnumerable<object>> ListAffiliationsAsync(Jid? asking, OperationCall call)
    {
        Affiliation? only = call.Find<string>("affiliation") is { } word ? Enum.Parse<Affiliation>(word, ignoreCase: true) : null;
        var (entries, outcome) = await Find(call).ListAffiliationsAsync(Room(call), only, asking, call.Ct);
        return entries?.Select(entry => new { Jid = entry.User, Affiliation = entry.Affiliation.ToString().ToUpperInvariant() }) ?? throw Refusal(outcome!, call);
    }

    private ValueTask<object> ReadMessagesAsync(OperationCall call) =>
        TryFind(Room(call).Domain, out _) ? ArchivedStanzas.OfRoomAsync(server, Room(call), call) : throw Refusal("muc_server_not_found", call);

    // GQU-MUC-04: the session that was named, or the one that was first.
    private async ValueTask<FullJid> SessionAsync(OperationCall call)
    {
        var resource = call.Find<string>("resource");
        var session = (await server.Sessions.FindAsync(call.Self, call.Ct)).OrderBy(session => session.Order).FirstOrDefault(session => resource is null || session.Jid.Resource == resource);
        return session?.Jid ?? throw new OperationException("no_session", "The account has no such session", ("room", Room(call)));
    }

    private static string Say(string? outcome, string done, OperationCall call) => outcome is null ? done : throw Refusal(outcome, call);

    private static OperationException Refusal(string code, OperationCall call, params (string, object?)[] more) => new(
        code is "invalid" ? "validation_error" : code,
        code switch
        {
            "room_not_found" => "There is no such room",
            "muc_server_not_found" => "There are no rooms at that domain",
            "moderator_not_found" => "No moderator is in the room",
            "cannot_modify" => "The room does not change it",
            "not_allowed" => "That is not allowed in the room",
            "internal" => "The sender may not enter the room",
            _ => "The configuration makes no sense",
        },
        [("room", Room(call)), .. more]);
}
