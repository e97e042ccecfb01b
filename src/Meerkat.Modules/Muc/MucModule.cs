using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Modules.Disco;
using Meerkat.Modules.Presences;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Muc;

/// <summary>Multi-User Chat: rooms on a subdomain.</summary>
/// <remarks>
/// XEP-0045 v1.34.5, MUC-001 to MUC-106. A room is an immutable state and rules that are pure functions (State/, Rules/), in a shell that loads, stores and sends (<c>Room</c>);
/// <see cref="Core.Placement.IPlacement"/> says where it lives. Nothing of a room is in memory while nobody uses it.
/// </remarks>
[Module("mod_muc", Options = typeof(MucOptions)), Uses("mod_disco"), Uses("mod_presence")]
[Xep(45, "1.34.5"), Xep(249, "1.2"), Xep(307, "0.1"), Xep(317, "0.3.1"), Xep(410, "1.1.0"), Xep(421, "1.0.1"), Xep(425, "0.3.0"), Xep(486, "0.1.0")]
[Announces(Announcer.Server | Announcer.Service, Ns.Conference)]
[Announces(Announcer.Service, Ns.MucUnique, Ns.ResultSet)]
[Announces(Announcer.Service | Announcer.Room, Ns.DiscoInfo, Ns.DiscoItems, Ns.Muc, Ns.Register, Ns.OccupantId, Ns.VCard, Ns.Ping)]
[Announces(Announcer.Room, Ns.MucStableId, Ns.MucSelfPing, Ns.MucRequest, Ns.MucRegister, Ns.Moderate, Ns.Retract, Ns.Hats, Ns.StanzaIds, Ns.Commands)]
[Announces(Announcer.Room, "muc_public", "muc_hidden", "muc_persistent", "muc_temporary", "muc_membersonly", "muc_open", "muc_semianonymous", "muc_nonanonymous", "muc_moderated", "muc_unmoderated", "muc_passwordprotected", "muc_unsecured")]
public sealed class MucModule : IModule, IDisposable
{
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly MucOptions _options;
    private readonly HostType _hostType;
    private readonly RoomHost _host;
    private readonly MucService _service;
    private readonly ServiceRules _rules;
    private readonly IPresenceBroadcast? _presences;
    private readonly OccupancyCheck? _check;
    private readonly GhostCheck? _ghosts;
    private readonly ITimer _sweep;
    private long _deepSweep;

    /// <summary>Makes the module for a host type.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="host">The host type.</param>
    /// <param name="store">Keeps rooms and nicks.</param>
    /// <param name="disco">Service discovery, for contact addresses; null where there is none.</param>
    /// <param name="presences">Knows which rooms sessions think to be in, for when a node of a cluster dies; null without <c>mod_presence</c>.</param>
    /// <param name="log">Log.</param>
    /// <exception cref="InvalidOperationException">An option names a shaper that is not there.</exception>
    public MucModule(MucOptions options, HostType host, IRoomStore store, IDisco? disco, IPresenceBroadcast? presences, ILogger log)
    {
        _options = options;
        _hostType = host;
        _host = new RoomHost(options, host, store, log);
        _rules = new ServiceRules(_host, disco);
        _service = new MucService(_host, _rules);
        Operations = new MucOperations(_host, _rules);
        _presences = presences;
        _check = presences is null ? null : new OccupancyCheck(_host, presences, IsOurs);
        _ghosts = presences is null ? null : new GhostCheck(_host, presences);
        _deepSweep = _host.Time.GetTimestamp();
        _sweep = _host.Time.CreateTimer(_ => Sweep(), null, s_flush, s_flush);
    }

    /// <summary>What administrators may do with rooms.</summary>
    public MucOperations Operations { get; }

    /// <summary>The rooms in memory.</summary>
    internal Core.Placement.IPlaces<RoomCommand, RoomReply> Rooms => _host.Rooms;

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        MucMetrics.Begin();
        on.Feature(Ns.Conference); // MUC-082
        on.Service(_options.Host, _service);
        on.Hook(SessionHooks.Closed, SessionSlot.Rooms, SessionClosed);
        on.Hook(SessionHooks.Superseded, SessionSlot.Rooms, SessionSuperseded);
        on.Hook(AccountHooks.Removing, AccountSlot.Rooms, AccountRemoving);
        on.Hook(RoomHooks.Question, RoomQuestionSlot.Muc, QuestionAsync);
        var data = new RoomData(_host);
        on.OwnsData(data);
        on.Hook(DomainHooks.Closed, DomainSlot.Rooms, async (closed, ct) =>
        {
            await data.StopAsync(closed.Domain.Domain, "The domain is not served any more.", ct);
            return HookResult.Continue;
        });
        on.Stopping(StopAsync);
        on.Offer(_host);
        on.Operations(Operations);
    }

    /// <summary>Stops what runs by itself.</summary>
    public void Dispose()
    {
        _sweep.Dispose();
        _check?.Dispose();
        _ghosts?.Dispose();
    }

    // A session that ends leaves its rooms, whoever else says so; with stream management it ends only when nobody has resumed it.
    private ValueTask<HookResult> SessionClosed(SessionClosed closed, CancellationToken ct)
    {
        foreach (var room in _host.Visits.RoomsOf(closed.Session.Jid))
        {
            Leave(closed, room);
        }

        return new(HookResult.Continue);
    }

    // Presence goes by addresses, and this one's lives on in another session, which is in no room as long as it has not joined it. The room may be on any node.
    private ValueTask<HookResult> SessionSuperseded(SessionClosed closed, CancellationToken ct)
    {
        foreach (var room in _presences?.DirectedBy(closed.Session).Where(entity => entity.Local is not null && IsOurs(entity.Domain)).Select(entity => entity.Bare).Distinct() ?? [])
        {
            Leave(closed, room.ToString());
        }

        return new(HookResult.Continue);
    }

    private void Leave(SessionClosed closed, string room)
    {
        var status = closed.End.Status is { } text ? (XmlElement[])[new XmlBuilder("status", Ns.Client).Text(text).Build()] : [];
        _host.Rooms.TryPost(room, new RoomCommand(RoomCommandKind.SessionEnded)
        {
            Who = closed.Session.Jid,
            Order = closed.Session.Order,
            Stanza = Presence.Create(PresenceType.Unavailable, closed.Session.Jid, null, status),
        });
    }

    private bool IsOurs(string domain) => _hostType.Server.Domains.TryFind(domain, out var hosted) && ReferenceEquals(hosted.Service, _service);

    // MUC-068: rooms in memory forget him now; those in the store by IAccountData.
    private async ValueTask<HookResult> AccountRemoving(AccountContext context, CancellationToken ct)
    {
        foreach (var room in await _host.Rooms.AllAsync(ct))
        {
            _host.Rooms.TryPost(room, new RoomCommand(RoomCommandKind.Forget) { Who = context.Account });
        }

        return HookResult.Continue;
    }

    private async ValueTask<HookResult> QuestionAsync(RoomQuestion question, CancellationToken ct)
    {
        if (!question.Room.HasLocal || !IsOurs(question.Room.Domain))
        {
            return HookResult.Continue;
        }

        var reply = await _host.Rooms.AskAsync(question.Room.ToString(), new RoomCommand(RoomCommandKind.Access) { Who = question.Account }, ct);
        if (!reply.Found)
        {
            return HookResult.Continue;
        }

        question.MayRead = reply.Error is null;
        return HookResult.Stop;
    }

    // Late writes and hibernation; idle rooms with somebody in them as often as the option says (MUC-101).
    private void Sweep()
    {
        var isDeep = _options.HibernatedRoomCheckInterval is { } interval && _host.Time.GetElapsedTime(_deepSweep) >= interval;
        if (isDeep)
        {
            _deepSweep = _host.Time.GetTimestamp();
        }

        var tick = new RoomCommand(RoomCommandKind.Tick) { Text = isDeep ? RoomCommand.Deep : "" };
        foreach (var room in _host.Rooms.Local)
        {
            _host.Rooms.TryPost(room, tick);
        }
    }

    // MUC-052: all at once, and one that hangs does not keep the others, nor the server.
    private async ValueTask StopAsync()
    {
        var stop = new RoomCommand(RoomCommandKind.Stop) { Text = "The server is stopping." };
        await Task.WhenAll(_host.Rooms.Local.ToArray().Select(room => StopAsync(room, stop)));
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A room that cannot be stopped is logged; the server stops all the same.")]
    private async Task StopAsync(string room, RoomCommand stop)
    {
        try
        {
            await _host.Rooms.AskAsync(room, stop, CancellationToken.None).AsTask().WaitAsync(s_patience, _host.Time);
        }
        catch (Exception failure)
        {
            MucLog.NotStopped(_host.Log, failure, room);
        }
    }
}
