using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Modules.Disco;
using Meerkat.Modules.Roster;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.MucLight;

/// <summary>Light rooms: groups without presence, whose occupants are those who were added, wherever and whenever they are there.</summary>
/// <remarks>MUL-001 to MUL-075. History is the archive's business; offline occupants get what is said by the normal road of messages.</remarks>
[Module("mod_muc_light", Options = typeof(MucLightOptions)), Uses("mod_roster"), Uses("mod_disco")]
[Announces(Announcer.Service | Announcer.Room, Ns.DiscoInfo, Ns.DiscoItems, Ns.MucLight)]
public sealed class MucLightModule : IModule
{
    private readonly MucLightOptions _options;
    private readonly HostType _host;
    private readonly IDisco? _disco;
    private readonly MucLightRooms _rooms;

    /// <summary>Makes the module for a host type.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="store">Keeps the rooms.</param>
    /// <param name="disco">Service discovery, for the contact addresses; null when the host type has none.</param>
    /// <param name="host">Its host type.</param>
    /// <param name="log">Log.</param>
    public MucLightModule(MucLightOptions options, IMucLightStore store, IDisco? disco, HostType host, ILogger log)
    {
        _options = options;
        _host = host;
        _disco = disco;
        _rooms = new MucLightRooms(options, store, host, log);
    }

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        MucLightMetrics.Begin();
        on.Service(_options.Host, new MucLightService(_rooms, _disco, _host));
        on.Hook(MessageHooks.OfflineGroupchat, OfflineSlot.Rooms, TakeUndelivered);
        on.Hook(RoomHooks.Question, RoomQuestionSlot.MucLight, AnswerAsync);
        if (_options.RoomsInRosters)
        {
            on.Hook(RosterHooks.Listing, RosterListingSlot.Rooms, ListAsync);
        }

        on.OwnsData(new MucLightAccounts(_rooms, _host));
        on.Hear(ClusterTopics.LightRoom, _rooms.HearAsync);
        on.Hook(DomainHooks.Closed, DomainSlot.LightRooms, (_, _) =>
        {
            _rooms.ForgetAll();
            return new(HookResult.Continue);
        });
        on.Operations(new MucLightOperations(_host.Server));
    }

    // MUL-011: an occupant who is not there and whose messages nobody keeps misses one; the room does not hear of it.
    private ValueTask<HookResult> TakeUndelivered(MessageContext context, CancellationToken ct) =>
        new(context.Message.From is { } from && _host.Server.Domains.TryFind(from.Domain, out var domain) && domain.Service is MucLightService ? HookResult.Stop : HookResult.Continue);

    private async ValueTask<HookResult> AnswerAsync(RoomQuestion question, CancellationToken ct)
    {
        if (!_host.Server.Domains.TryFind(question.Room.Domain, out var domain) || domain.Service is not MucLightService service)
        {
            return HookResult.Continue;
        }

        question.MayRead = await service.Rooms.FindAsync(question.Room, ct) is { } room && room.Occupants.Find(question.Account) is not MucLightAffiliation.None;
        return HookResult.Stop;
    }

    // MUL-052
    private async ValueTask<HookResult> ListAsync(RosterListing listing, CancellationToken ct)
    {
        var known = listing.Items.Select(item => item.Contact).ToHashSet();
        foreach (var room in await _rooms.Store.ListAsync(listing.Account, null, ct))
        {
            if (!known.Contains(room.Room))
            {
                listing.Add(new RosterItem(room.Room)
                {
                    Name = room.Name,
                    State = SubscriptionState.To,
                    Groups = [Ns.MucLight],
                    Extensions = [new XmlBuilder("version", Ns.Roster).Text(room.Version).Build()],
                });
            }
        }

        return HookResult.Continue;
    }
}
