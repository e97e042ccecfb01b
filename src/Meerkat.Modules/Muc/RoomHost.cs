using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Placement;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Muc;

/// <summary>What all rooms of a host type share. Safe for concurrent use.</summary>
internal sealed class RoomHost
{
    public RoomHost(MucOptions options, HostType host, IRoomStore store, ILogger log)
    {
        Options = options;
        Host = host;
        Store = store;
        Log = log;
        Passwords = options.HttpAuthPool is not { } tag ? null
            : host.Server.HttpPools.Find(host.Name, tag) is { } pool ? new RoomPasswords(pool, log)
            : throw new InvalidOperationException($"mod_muc: http_auth_pool names \"{tag}\", which is not under [outgoing_pools.http]");
        Limits = RoomLimitSettings.Of(options, host.Server.Shapers);
        Rooms = host.Server.Placement.Open(new PlacementKind<RoomCommand, RoomReply>($"muc:{host.Name}", RoomCommand.Codec, RoomReply.Codec), placed => new Room(this, placed));
    }

    public MucOptions Options { get; }

    public HostType Host { get; }

    public IRoomStore Store { get; }

    public ILogger Log { get; }

    public RoomLimitSettings Limits { get; }

    /// <summary>Who is asked about passwords; null for the rooms themselves.</summary>
    public RoomPasswords? Passwords { get; }

    public IPlaces<RoomCommand, RoomReply> Rooms { get; }

    public RoomVisits Visits { get; } = new();

    public TimeProvider Time => Host.Server.Time;

    /// <summary>Whoever wants to hear what happens in rooms; null for nobody.</summary>
    public Action<RoomState, RoomState, IReadOnlyList<RoomEvent>>? Observer { get; set; }

    /// <summary>Whether somebody may have a room logged; null when there are no logs.</summary>
    public Func<Jid, string?, bool>? MayLog { get; set; }

    /// <summary>Where the logs of a room can be read; null when there are none, or nobody said.</summary>
    public Func<BareJid, string?>? LogsOf { get; set; }

    /// <summary>The access rules as they hold for a service.</summary>
    public IRoomPolicy PolicyOf(string service) => new Policy(this, DomainOf(service));

    /// <summary>The domain that a service belongs to; null for one of the whole host type.</summary>
    public string? DomainOf(string service) => Host.Server.Domains.TryFind(service, out var hosted) ? hosted.Parent?.Domain : null;

    /// <summary>Whether somebody may use a service at all (MUC-010).</summary>
    public bool MayUse(Jid user, string service) => Host.Access.IsAllowed(Options.Access, DomainOf(service), user);

    /// <summary>What rooms can do besides their own.</summary>
    public async ValueTask<IReadOnlyList<string>> FeaturesAsync(BareJid service, CancellationToken ct)
    {
        if (Host.Hooks.IsEmpty(RoomHooks.Features))
        {
            return [];
        }

        var features = new RoomFeatures(Host, service);
        await Host.Hooks.RunAsync(RoomHooks.Features, features, ct);
        return features.List;
    }

    private sealed class Policy(RoomHost rooms, string? domain) : IRoomPolicy
    {
        public bool IsAdmin(Jid user) => rooms.Options.AccessAdmin != "none" && rooms.Host.Access.IsAllowed(rooms.Options.AccessAdmin, domain, user);

        public bool MayCreate(Jid user) => rooms.Host.Access.IsAllowed(rooms.Options.AccessCreate, domain, user) || IsAdmin(user);

        public bool MayPersist(Jid user) => rooms.Host.Access.IsAllowed(rooms.Options.AccessPersistent, domain, user);

        public bool? MayLog(Jid user) => rooms.MayLog?.Invoke(user, domain);

        public string? LogsOf(BareJid room) => rooms.LogsOf?.Invoke(room);
    }
}
