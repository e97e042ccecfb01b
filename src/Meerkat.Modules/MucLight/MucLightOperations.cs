using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>What an administrator, or an account by the interfaces for programs, may do to light rooms (OPS-072, GQA-MUCLIGHT-01 to 13, GQU-MUCLIGHT-01 to 12). Safe for concurrent use.</summary>
/// <remarks>What is done in somebody's name goes by the same rules as from a client, and the same notices are sent.</remarks>
/// <param name="server">The server: rooms are found by the domain of their address.</param>
public sealed class MucLightOperations(ServerContext server)
{
    /// <summary>Where the light rooms of a domain's accounts are.</summary>
    /// <returns>The address of the service; null where there is none.</returns>
    public BareJid? ServiceOf(string domain) => server.Domains.TryFindAccounts(domain, out var own)
        ? server.Domains.ServicesOf(own).FirstOrDefault(hosted => hosted.Service is MucLightService)?.Jid
        : null;

    /// <summary>Creates a room.</summary>
    /// <param name="service">The domain of the rooms.</param>
    /// <param name="id">The room's localpart; null for one that is made up.</param>
    /// <param name="owner">Who creates it, and owns it unless rooms have no owners here.</param>
    /// <param name="fields">Values of the configuration, by the names on the wire.</param>
    /// <param name="name">The room's name, which goes before one in <paramref name="fields"/>; null for none.</param>
    /// <param name="subject">The subject, likewise.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>How it went, and the room where it went well.</returns>
    public async ValueTask<(MucLightResult Result, MucLightRoom? Room)> CreateAsync(
        string service, string? id, BareJid owner, IEnumerable<KeyValuePair<string, string>> fields, string? name, string? subject, CancellationToken ct)
    {
        if (!await ExistsAsync(owner, ct))
        {
            return (new MucLightResult(MucLightOutcome.UserNotFound), null);
        }

        if (!BareJid.TryCreate(null, service, out var domain) || !TryFind(domain, out var rooms))
        {
            return (new MucLightResult(MucLightOutcome.ServiceNotFound), null);
        }

        if (!rooms.Schema.TryRead(WithNames(rooms.Schema, fields, name, subject), out var read, out var refusal))
        {
            return (refusal, null);
        }

        var command = new CreateCommand(owner, read, [], RandomId.Create());
        if (id is null)
        {
            var (created, made) = await rooms.CreateUniqueAsync(domain, command, ct);
            return (created, created.IsDone ? await rooms.FindAsync(made, ct) : null);
        }

        if (!BareJid.TryCreate(id, domain.Domain, out var room))
        {
            return (MucLightResult.Invalid("the name cannot be a localpart"), null);
        }

        var result = await rooms.AskAsync(room, command, ct);
        return (result, result.IsDone ? await rooms.FindAsync(room, ct) : null);
    }

    /// <summary>Changes the configuration in somebody's name.</summary>
    /// <param name="room">The room.</param>
    /// <param name="user">Who.</param>
    /// <param name="fields">New values, by the names on the wire.</param>
    /// <param name="name">The room's name, which goes before one in <paramref name="fields"/>; null for none.</param>
    /// <param name="subject">The subject, likewise.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>How it went, and what was set, by internal key.</returns>
    public async ValueTask<(MucLightResult Result, ImmutableSortedDictionary<string, string> Fields)> ConfigureAsync(
        BareJid room, BareJid user, IEnumerable<KeyValuePair<string, string>> fields, string? name, string? subject, CancellationToken ct)
    {
        var set = MucLightRoom.NoConfiguration;
        var result = await AsAsync(
            room,
            user,
            rooms =>
            {
                if (!rooms.Schema.TryRead(WithNames(rooms.Schema, fields, name, subject), out set, out var refusal))
                {
                    return new(refusal);
                }

                return rooms.AskAsync(room, new ConfigureCommand(user, set, RandomId.Create()), ct);
            },
            ct);
        return (result, result.IsDone ? set : MucLightRoom.NoConfiguration);
    }

    /// <summary>Adds somebody to a room in an occupant's name. Who blocks the room or the occupant is silently not added.</summary>
    public ValueTask<MucLightResult> InviteAsync(BareJid room, BareJid sender, BareJid recipient, CancellationToken ct) => AsAsync(
        room, sender, rooms => rooms.AskAsync(room, new AffiliateCommand(sender, [new(recipient, MucLightAffiliation.Member)], RandomId.Create()), ct), ct);

    /// <summary>Takes somebody out of a room in an occupant's name: an owner takes out anybody, a member only himself.</summary>
    public ValueTask<MucLightResult> KickAsync(BareJid room, BareJid actor, BareJid user, CancellationToken ct) => AsAsync(
        room, actor, rooms => rooms.AskAsync(room, new AffiliateCommand(actor, [new(user, MucLightAffiliation.None)], RandomId.Create()), ct), ct);

    /// <summary>Destroys a room in an owner's name.</summary>
    public ValueTask<MucLightResult> DestroyAsync(BareJid room, BareJid actor, CancellationToken ct) => AsAsync(
        room, actor, rooms => rooms.AskAsync(room, new DestroyCommand(actor, RandomId.Create()), ct), ct);

    /// <summary>Destroys a room.</summary>
    public ValueTask<MucLightResult> DestroyAsync(BareJid room, CancellationToken ct) =>
        TryFind(room, out var rooms) ? rooms.AskAsync(room, new DestroyCommand(null, RandomId.Create()), ct) : new(new MucLightResult(MucLightOutcome.ServiceNotFound));

    /// <summary>Says something in an occupant's name.</summary>
    /// <param name="room">The room.</param>
    /// <param name="sender">The occupant.</param>
    /// <param name="id">Id of the message; null for one that is made up.</param>
    /// <param name="payload">What is in the message, a <c>body</c> for example.</param>
    /// <param name="ct">Gives up.</param>
    public ValueTask<MucLightResult> SayAsync(BareJid room, BareJid sender, string? id, IReadOnlyList<XmlElement> payload, CancellationToken ct)
    {
        var message = Message.Create(MessageType.Groupchat, sender, room, id ?? RandomId.Create(), payload);
        return AsAsync(room, sender, rooms => rooms.AskAsync(room, new SayCommand(message, null, message.Id!), ct), ct);
    }

    /// <summary>A room: its configuration and its occupants.</summary>
    /// <param name="room">Its address.</param>
    /// <param name="reader">The account that asks, which must be in it; null for an administrator.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>How it went, and the room where it went well.</returns>
    public async ValueTask<(MucLightResult Result, MucLightRoom? Room)> FindAsync(BareJid room, BareJid? reader, CancellationToken ct)
    {
        if (reader is not null && !await ExistsAsync(reader, ct))
        {
            return (new MucLightResult(MucLightOutcome.UserNotFound), null);
        }

        if (!TryFind(room, out var rooms))
        {
            return (new MucLightResult(MucLightOutcome.ServiceNotFound), null);
        }

        var found = await rooms.FindAsync(room, ct);
        return found is null ? (new MucLightResult(MucLightOutcome.RoomNotFound), null)
            : reader is not null && found.Occupants.Find(reader) is MucLightAffiliation.None ? (new MucLightResult(MucLightOutcome.NotOccupant), null)
            : (MucLightResult.Done, found);
    }

    /// <summary>A room's configuration by the names on the wire.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Show(MucLightRoom room) =>
        TryFind(room.Jid, out var rooms) ? [.. rooms.Schema.Show(room.Configuration).Select(field => KeyValuePair.Create(field.Name, field.Value))] : [];

    /// <summary>The rooms that an account is in, of every service here.</summary>
    /// <returns>In the order of their addresses; null when there is no such account.</returns>
    public async ValueTask<IReadOnlyList<MucLightMembership>?> ListAsync(BareJid user, CancellationToken ct) =>
        await ExistsAsync(user, ct) ? TryFindOwn(user, out var rooms) ? await rooms.Store.ListAsync(user, null, ct) : [] : null;

    /// <summary>The rooms of a service, a page at a time (GQA-MUCLIGHT-13).</summary>
    /// <param name="service">The domain of the rooms.</param>
    /// <param name="filter">What localpart or name must contain, whatever its case; null or empty for all.</param>
    /// <param name="after">The page begins behind the localpart of this address; null for the first page.</param>
    /// <param name="limit">The most rooms of the page.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Null when there are no light rooms at that domain.</returns>
    public async ValueTask<MucLightPage?> SearchAsync(string service, string? filter, BareJid? after, int limit, CancellationToken ct) =>
        BareJid.TryCreate(null, service, out var domain) && TryFind(domain, out var rooms) ? await rooms.Store.SearchAsync(domain.Domain, filter ?? "", after, limit, ct) : null;

    /// <summary>What an account blocks.</summary>
    /// <returns>Null when there is no such account.</returns>
    public async ValueTask<IReadOnlyList<MucLightBlock>?> GetBlockingAsync(BareJid user, CancellationToken ct) =>
        await ExistsAsync(user, ct) ? TryFindOwn(user, out var rooms) ? await rooms.Store.GetBlockingAsync(user, ct) : [] : null;

    /// <summary>Changes what an account blocks.</summary>
    public async ValueTask<MucLightResult> SetBlockingAsync(BareJid user, IReadOnlyList<(MucLightBlock Block, bool IsDenied)> changes, CancellationToken ct)
    {
        if (!await ExistsAsync(user, ct))
        {
            return new MucLightResult(MucLightOutcome.UserNotFound);
        }

        if (!TryFindOwn(user, out var rooms))
        {
            return new MucLightResult(MucLightOutcome.ServiceNotFound);
        }

        await rooms.Store.SetBlockingAsync(user, changes, ct);
        return MucLightResult.Done;
    }

    private async ValueTask<MucLightResult> AsAsync(BareJid room, BareJid user, Func<MucLightRooms, ValueTask<MucLightResult>> act, CancellationToken ct) =>
        !await ExistsAsync(user, ct) ? new MucLightResult(MucLightOutcome.UserNotFound)
        : !TryFind(room, out var rooms) ? new MucLightResult(MucLightOutcome.ServiceNotFound)
        : await act(rooms);

    private async ValueTask<bool> ExistsAsync(BareJid user, CancellationToken ct) =>
        server.Domains.TryFindAccounts(user.Domain, out var domain) && await domain.Host.Auth.ExistsAsync(user, ct) is Existence.Yes;

    private bool TryFind(BareJid room, [NotNullWhen(true)] out MucLightRooms? rooms)
    {
        rooms = server.Domains.TryFind(room.Domain, out var domain) && domain.Service is MucLightService service ? service.Rooms : null;
        return rooms is not null;
    }

    private bool TryFindOwn(BareJid user, [NotNullWhen(true)] out MucLightRooms? rooms)
    {
        rooms = server.Domains.TryFindAccounts(user.Domain, out var domain)
            ? domain.Host.Services.Select(service => service.Service).OfType<MucLightService>().FirstOrDefault()?.Rooms
            : null;
        return rooms is not null;
    }

    private static IEnumerable<(string Name, string Value)> WithNames(ConfigurationSchema schema, IEnumerable<KeyValuePair<string, string>> fields, string? name, string? subject)
    {
        foreach (var (field, value) in fields)
        {
            yield return (field, value);
        }

        if (name is not null)
        {
            yield return (schema.NameOf(MucLightRoom.NameKey) ?? MucLightRoom.NameKey, name);
        }

        if (subject is not null)
        {
            yield return (schema.NameOf(MucLightRoom.SubjectKey) ?? MucLightRoom.SubjectKey, subject);
        }
    }
}
