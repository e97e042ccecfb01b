using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Core.Placement;
using Meerkat.Core.Streams;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.MucLight;

/// <summary>The rooms of a host type: read where they are asked for, changed by the one writer that each has (architecture §6). Safe for concurrent use.</summary>
internal sealed class MucLightRooms
{
    private static readonly BareJid s_all = BareJid.Parse("rooms.invalid"); // no domain of accounts: every host type hears it

    private readonly MucLightOptions _options;
    private readonly HostType _host;
    private readonly RoomCache? _cache;
    private readonly IPlaces<RoomCommand, MucLightResult> _places;

    public MucLightRooms(MucLightOptions options, IMucLightStore store, HostType host, ILogger log)
    {
        _options = options;
        _host = host;
        Store = store;
        Schema = new ConfigurationSchema(options.ConfigSchema);
        Policy = RoomPolicy.Of(options);
        Codec = options.LegacyMode ? new LegacyCodec(Schema) : new ModernCodec(Schema);
        Broadcast = new RoomBroadcast(host, log);
        _cache = options.CacheAffs is null ? null : new RoomCache(options.CacheAffs, host.Server.Time);
        _places = host.Server.Placement.Open(
            new PlacementKind<RoomCommand, MucLightResult>($"muc_light:{host.Name}", RoomCommand.Codec, RoomCommand.ReplyCodec),
            placed => new RoomWriter(this, BareJid.Parse(placed.Key)));
    }

    public IMucLightStore Store { get; }

    public ConfigurationSchema Schema { get; }

    /// <summary>What the module's options allow; a room may say otherwise (<see cref="RoomPolicy.For"/>).</summary>
    public RoomPolicy Policy { get; }

    public IMucLightCodec Codec { get; }

    public RoomBroadcast Broadcast { get; }

    public MucLightOptions Options => _options;

    /// <summary>A room, perhaps from the cache; null when there is none.</summary>
    public ValueTask<MucLightRoom?> FindAsync(BareJid room, CancellationToken ct) => _cache?.Find(room) is { } known ? new(known) : Store.FindAsync(room, ct);

    /// <summary>A room for its writer, who alone puts into the cache: nobody else can bring an old one back.</summary>
    /// <param name="room">Its address.</param>
    /// <param name="isAgain">Whether what the cache has turned out to be old.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<MucLightRoom?> LoadAsync(BareJid room, bool isAgain, CancellationToken ct)
    {
        if (!isAgain && _cache?.Find(room) is { } known)
        {
            return known;
        }

        var found = await Store.FindAsync(room, ct);
        if (found is null)
        {
            _cache?.Remove(room);
        }
        else
        {
            _cache?.Set(found);
        }

        return found;
    }

    /// <summary>Tells the writer of a room something and waits for its answer.</summary>
    /// <exception cref="PlacementBusyException">Too many wait for this room.</exception>
    public ValueTask<MucLightResult> AskAsync(BareJid room, RoomCommand command, CancellationToken ct) => _places.AskAsync(room.ToString(), command, ct);

    /// <summary>Makes a room with a name that nobody chose.</summary>
    /// <returns>How it went, and the room's address.</returns>
    public async ValueTask<(MucLightResult Result, BareJid Room)> CreateUniqueAsync(BareJid service, CreateCommand command, CancellationToken ct)
    {
        while (true)
        {
            if (!BareJid.TryCreate(RandomId.Create(), service.Domain, out var room))
            {
                continue;
            }

            var result = await AskAsync(room, command, ct);
            if (result.Outcome is not MucLightOutcome.AlreadyExists)
            {
                return (result, room);
            }
        }
    }

    /// <summary>A new version: of this moment, and different from every other (MUL-021).</summary>
    public string NextVersion() => _host.Server.StanzaIds.Next().ToString();

    /// <summary>Whether somebody is in as many rooms of a service as he may be.</summary>
    public async ValueTask<bool> IsFullAsync(BareJid user, string service, CancellationToken ct) =>
        _options.RoomsPerUser is { } most && (await Store.CountAsync([user], service, ct)).GetValueOrDefault(user) >= most;

    /// <summary>A request without those who cannot be added: they block the room or who asks, or are in as many rooms as they may be (MUL-025, MUL-040).</summary>
    /// <param name="room">The room.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="before">The occupants.</param>
    /// <param name="wanted">Who is to become what.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<IReadOnlyList<MucLightOccupant>> WithoutUnwillingAsync(
        BareJid room, BareJid actor, OccupantList before, IReadOnlyList<MucLightOccupant> wanted, CancellationToken ct)
    {
        var added = wanted
            .Where(change => change.Affiliation is not MucLightAffiliation.None && !change.Jid.Equals(actor) && before.Find(change.Jid) is MucLightAffiliation.None)
            .Select(change => change.Jid)
            .ToArray();
        if (added is [] || (!_options.Blocking && _options.RoomsPerUser is null))
        {
            return wanted;
        }

        var unwilling = new HashSet<BareJid>();
        if (_options.Blocking)
        {
            unwilling.UnionWith(await Store.FindBlockersAsync(added, [new(true, room), new(false, actor)], ct));
        }

        if (_options.RoomsPerUser is { } most)
        {
            unwilling.UnionWith((await Store.CountAsync(added, room.Domain, ct)).Where(counted => counted.Value >= most).Select(counted => counted.Key));
        }

        return unwilling.Count == 0 ? wanted : [.. wanted.Where(change => !unwilling.Contains(change.Jid))];
    }

    /// <summary>A room was written: it is what the cache has from now on.</summary>
    public void Remember(MucLightRoom room)
    {
        _cache?.Set(room);
        Tell(room.Jid);
    }

    /// <summary>A room is gone.</summary>
    public void Forget(BareJid room)
    {
        _cache?.Remove(room);
        Tell(room);
    }

    /// <summary>Rooms were changed past their writers.</summary>
    public void ForgetAll() => _cache?.Clear();

    /// <summary>Rooms were changed past their writers: other nodes are told too.</summary>
    public void ForgetAllEverywhere()
    {
        ForgetAll();
        Tell(s_all);
    }

    /// <summary>Another node has changed a room, or, where there is no name, many.</summary>
    public ValueTask HearAsync(ClusterEvent what)
    {
        if (what.About.HasLocal)
        {
            _cache?.Remove(what.About);
        }
        else
        {
            ForgetAll();
        }

        return ValueTask.CompletedTask;
    }

    // Other nodes read rooms too. Not waited for: what they send the room meanwhile reaches the writer, which knows.
    private void Tell(BareJid about)
    {
        if (_cache is not null)
        {
            _ = _host.Server.Events.TellAsync(new ClusterEvent(ClusterTopics.LightRoom, about)).AsTask(); // never fails
        }
    }
}
