using System.Globalization;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What administrators, and users by the interface for programs, may do with rooms (GQA-MUC-01 to 15, GQU-MUC-01 to 15, RST-ADMIN-21 to 24). Safe for concurrent use.</summary>
/// <remarks>Where a <c>user</c> is given, it is allowed what that user may do in the room; null is the administrator. Outcomes are the codes of the interfaces: null when it was done.</remarks>
public sealed class MucOperations
{
    private readonly RoomHost _host;
    private readonly ServiceRules _service;

    internal MucOperations(RoomHost host, ServiceRules service)
    {
        _host = host;
        _service = service;
    }

    private Router Router => _host.Host.Server.Router;

    /// <summary>Where the rooms of a domain's accounts are.</summary>
    /// <param name="domain">A domain of this host type.</param>
    /// <returns>The address of the service; null when its name was taken.</returns>
    public BareJid? ServiceOf(string domain) => _host.Host.Server.Domains.TryFindAccounts(domain, out var own)
        ? _host.Host.Server.Domains.ServicesOf(own).FirstOrDefault(hosted => hosted.Service is MucService)?.Jid
        : null;

    /// <summary>Makes a room with the default configuration, entered and configured for its owner: with the session that is named, or the first that there is. An owner without a session owns it and is not in it.</summary>
    /// <returns><c>could_not_create_room</c> when the room refused.</returns>
    public async Task<string?> CreateInstantRoomAsync(BareJid room, Jid owner, string nick, CancellationToken ct)
    {
        if (!FullJid.TryCreate(room, nick, out var occupant))
        {
            return "could_not_create_room";
        }

        if ((owner as FullJid ?? (await _host.Host.Server.Sessions.FindAsync(owner.Bare, ct)).OrderBy(session => session.Order).FirstOrDefault()?.Jid) is not { } from)
        {
            return await AskAsync(room, RoomAdministration.Create, owner.Bare, null, ct) is { Found: true, Error: null } ? null : "could_not_create_room"; // nobody is there who could enter it
        }

        await Router.RouteAsync(Presence.Create(PresenceType.Available, from, occupant, new XmlBuilder("x", Ns.Muc).Build()), ct);
        var accepted = new XmlBuilder("query", Ns.MucOwner).Add(new DataFormBuilder(DataFormType.Submit).Build().ToXml()).Build();
        await Router.RouteAsync(Iq.Create(IqType.Set, from, room, $"create-{Core.Streams.RandomId.Create()}", accepted), ct);
        return (await AskAsync(room, RoomAdministration.Configuration, owner.Bare, null, ct)) is { Found: true, Error: null } ? null : "could_not_create_room";
    }

    /// <summary>Sends a direct invitation (XEP-0249) with the room's password.</summary>
    /// <returns><c>room_not_found</c>, or <c>internal</c> when the sender may not enter the room.</returns>
    public async Task<string?> InviteAsync(BareJid room, Jid sender, Jid recipient, string reason, CancellationToken ct)
    {
        var access = await _host.Rooms.AskAsync(room.ToString(), new RoomCommand(RoomCommandKind.Access) { Who = sender.Bare }, ct);
        var settings = await AskAsync(room, RoomAdministration.Configuration, null, null, ct);
        if (!settings.Found)
        {
            return "room_not_found";
        }

        if (access.Error is not null)
        {
            return "internal";
        }

        var configuration = settings.Payload?.Child("configuration");
        var password = configuration?.Attribute("password_protected") == "1" ? configuration?.ChildText("password") : null;
        var x = new XmlBuilder("x", Ns.Conference).Attribute("jid", room.ToString()).Attribute("reason", reason).Attribute("password", password).Build();
        await Router.RouteAsync(Message.Create(MessageType.Normal, sender, recipient, null, x), ct);
        return null;
    }

    /// <summary>Removes an occupant, as a moderator who is there. A nick that is not there is removed already.</summary>
    /// <returns><c>room_not_found</c>, <c>moderator_not_found</c>.</returns>
    public async Task<string?> KickAsync(BareJid room, string nick, string reason, Jid? user, CancellationToken ct)
    {
        var wish = new XmlBuilder("item", Ns.MucAdmin).Attribute("nick", nick).Attribute("role", "none").Element("reason", reason).Build();
        return await OutcomeAsync(room, RoomAdministration.SetRole, user, wish, ct) is var outcome && outcome is "cannot_modify" ? null : outcome;
    }

    /// <summary>Changes an occupant's role, as a moderator who is there.</summary>
    /// <returns><c>room_not_found</c>, <c>moderator_not_found</c>, <c>cannot_modify</c>, <c>not_allowed</c>.</returns>
    public Task<string?> SetRoleAsync(BareJid room, string nick, Role role, Jid? user, CancellationToken ct) =>
        OutcomeAsync(room, RoomAdministration.SetRole, user, new XmlBuilder("item", Ns.MucAdmin).Attribute("nick", nick).Attribute("role", role.Word()).Build(), ct);

    /// <summary>Changes an affiliation, as an owner.</summary>
    /// <returns><c>room_not_found</c>, <c>cannot_modify</c>, <c>not_allowed</c>.</returns>
    public Task<string?> SetAffiliationAsync(BareJid room, Jid whose, Affiliation affiliation, Jid? user, CancellationToken ct) =>
        OutcomeAsync(room, RoomAdministration.SetAffiliation, user, new XmlBuilder("item", Ns.MucAdmin).Attribute("jid", whose.Bare.ToString()).Attribute("affiliation", affiliation.Word()).Build(), ct);

    /// <summary>Sends a message to a room in a user's name. Whether the room takes it, the user's client learns.</summary>
    public ValueTask SendMessageAsync(BareJid room, FullJid from, string body, CancellationToken ct) =>
        Router.RouteAsync(Message.Create(MessageType.Groupchat, from, room, Core.Streams.RandomId.Create(), Body(body)), ct);

    /// <summary>Sends a private message to an occupant in a user's name.</summary>
    public ValueTask SendPrivateMessageAsync(BareJid room, FullJid from, string nick, string body, CancellationToken ct) =>
        FullJid.TryCreate(room, nick, out var to) ? Router.RouteAsync(Message.Create(MessageType.Chat, from, to, Core.Streams.RandomId.Create(), Body(body)), ct) : ValueTask.CompletedTask;

    /// <summary>Lets a user enter a room. Whether it lets him, his client learns.</summary>
    public ValueTask EnterAsync(BareJid room, FullJid user, string nick, string? password, CancellationToken ct)
    {
        var x = new XmlBuilder("x", Ns.Muc);
        if (password is not null)
        {
            x.Element("password", password);
        }

        return FullJid.TryCreate(room, nick, out var to) ? Router.RouteAsync(Presence.Create(PresenceType.Available, user, to, x.Build()), ct) : ValueTask.CompletedTask;
    }

    /// <summary>Lets a user leave a room.</summary>
    public ValueTask ExitAsync(BareJid room, FullJid user, string nick, CancellationToken ct) =>
        FullJid.TryCreate(room, nick, out var to) ? Router.RouteAsync(Presence.Create(PresenceType.Unavailable, user, to), ct) : ValueTask.CompletedTask;

    /// <summary>Destroys a room.</summary>
    /// <returns><c>room_not_found</c>, <c>not_allowed</c>.</returns>
    public Task<string?> DeleteAsync(BareJid room, string reason, Jid? user, CancellationToken ct) =>
        OutcomeAsync(room, RoomAdministration.Destroy, user, new XmlBuilder("destroy", Ns.MucOwner).Element("reason", reason).Build(), ct);

    /// <summary>A room's configuration as its keys of <c>default_room</c>, values as text.</summary>
    /// <returns>The configuration, or <c>room_not_found</c>, <c>not_allowed</c>.</returns>
    public async Task<(IReadOnlyDictionary<string, string>? Configuration, string? Error)> GetConfigurationAsync(BareJid room, Jid? user, CancellationToken ct) =>
        Configuration(await AskAsync(room, RoomAdministration.Configuration, user, null, ct));

    /// <summary>Changes a part of a room's configuration.</summary>
    /// <param name="room">The room.</param>
    /// <param name="form">The fields that change, by the names of the room's form (<c>muc#roomconfig_roomname</c>).</param>
    /// <param name="user">Who wants it; null for the administrator.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <returns>The whole configuration, or <c>room_not_found</c>, <c>not_allowed</c>, <c>invalid</c>.</returns>
    public async Task<(IReadOnlyDictionary<string, string>? Configuration, string? Error)> ChangeConfigurationAsync(
        BareJid room, IReadOnlyDictionary<string, IReadOnlyList<string>> form, Jid? user, CancellationToken ct)
    {
        var submit = new DataFormBuilder(DataFormType.Submit, Ns.MucRoomConfig);
        foreach (var (name, values) in form)
        {
            submit.Add(name, null, values);
        }

        return Configuration(await AskAsync(room, RoomAdministration.Configure, user, submit.Build().ToXml(), ct));
    }

    /// <summary>The occupants of a room: nick, role, and real address where it may be seen.</summary>
    /// <returns>The occupants by nick, or <c>room_not_found</c>, <c>not_allowed</c>.</returns>
    public async Task<(IReadOnlyList<(string Nick, Role Role, Jid? Jid)>? Users, string? Error)> ListUsersAsync(BareJid room, Jid? user, CancellationToken ct)
    {
        var reply = await AskAsync(room, RoomAdministration.Users, user, null, ct);
        return Fault(reply) is { } fault ? (null, fault) : ([.. reply.Payload!.Value.Children.Select(item => (item.Attribute("nick")!, (Role)Number(item, "role"), Jid.TryParse(item.Attribute("jid"), out var jid) ? jid : null))], null);
    }

    /// <summary>The affiliations of a room.</summary>
    /// <param name="room">The room.</param>
    /// <param name="only">The one that is wanted; null for all.</param>
    /// <param name="user">Who asks; null for the administrator.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <returns>Them, by address; or <c>room_not_found</c>, <c>not_allowed</c>.</returns>
    public async Task<(IReadOnlyList<(Jid User, Affiliation Affiliation)>? Affiliations, string? Error)> ListAffiliationsAsync(BareJid room, Affiliation? only, Jid? user, CancellationToken ct)
    {
        var wish = new XmlBuilder("affiliations", "").Attribute("affiliation", only is { } affiliation ? ((int)affiliation).ToString(CultureInfo.InvariantCulture) : null).Build();
        var reply = await AskAsync(room, RoomAdministration.Affiliations, user, wish, ct);
        return Fault(reply) is { } fault ? (null, fault) : ([.. reply.Payload!.Value.Children.Select(item => (Jid.Parse(item.Attribute("jid")!), (Affiliation)Number(item, "affiliation")))], null);
    }

    /// <summary>The rooms of a service as a user sees them (XEP-0030): address and name.</summary>
    public async Task<IReadOnlyList<(string Jid, string? Name)>> ListRoomsAsync(string service, Jid user, CancellationToken ct) =>
        [.. (await _service.RoomsAsync(service, user, ct)).Select(room => (room.Jid, room.Name))];

    /// <summary>A part of a service's rooms as a user sees them (GQA-MUC-12).</summary>
    /// <param name="service">Domain of the service.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="limit">At most so many; null for all.</param>
    /// <param name="index">So many are left out.</param>
    /// <param name="ct">Cancels the wait.</param>
    public async Task<ListedRooms> BrowseRoomsAsync(string service, Jid user, int? limit, int index, CancellationToken ct)
    {
        var all = await _service.AllAsync(service, user, ct);
        return new ListedRooms([.. all.Skip(index).Take(limit ?? int.MaxValue).OfType<ListedRoom>()], all.Count, index);
    }

    /// <summary>The roles that the configuration's <c>maygetmemberlist</c> stands for (<see cref="GetConfigurationAsync"/>), by name.</summary>
    public static IReadOnlyList<string> RolesOf(string mayGetMemberList) => ConfigurationForm.Listed((RoleSet)int.Parse(mayGetMemberList, CultureInfo.InvariantCulture));

    /// <summary>Whether a domain is that of rooms of this host type.</summary>
    public bool Serves(string domain) => _host.Host.Server.Domains.TryFind(domain, out var hosted) && hosted.Service is MucService && ReferenceEquals(hosted.Host, _host.Host);

    /// <summary>Whether a user may see what is said in a room (MAM-063).</summary>
    /// <returns>Null when there is no such room.</returns>
    public async Task<bool?> MayReadAsync(BareJid room, BareJid user, CancellationToken ct)
    {
        var reply = await _host.Rooms.AskAsync(room.ToString(), new RoomCommand(RoomCommandKind.Access) { Who = user }, ct);
        return reply.Found ? reply.Error is null : null;
    }

    private static XmlElement Body(string text) => new XmlBuilder("body", Ns.Client).Text(text).Build();

    private static int Number(XmlElement item, string name) => int.Parse(item.Attribute(name)!, CultureInfo.InvariantCulture);

    private static string? Fault(RoomReply reply) => reply.Found ? reply.Error : "room_not_found";

    private static (IReadOnlyDictionary<string, string>? Configuration, string? Error) Configuration(RoomReply reply)
    {
        if (Fault(reply) is { } fault)
        {
            return (null, fault);
        }

        var configuration = reply.Payload!.Value.Child("configuration")!.Value;
        var found = configuration.Attributes.ToDictionary(attribute => attribute.Name, attribute => attribute.Value);
        foreach (var child in configuration.Children)
        {
            found[child.Name] = child.Text;
        }

        return (found, null);
    }

    private ValueTask<RoomReply> AskAsync(BareJid room, string operation, Jid? user, XmlElement? payload, CancellationToken ct) =>
        _host.Rooms.AskAsync(room.ToString(), new RoomCommand(RoomCommandKind.Administer) { Text = operation, Who = user, Payload = payload }, ct);

    private async Task<string?> OutcomeAsync(BareJid room, string operation, Jid? user, XmlElement payload, CancellationToken ct) => Fault(await AskAsync(room, operation, user, payload, ct));
}
