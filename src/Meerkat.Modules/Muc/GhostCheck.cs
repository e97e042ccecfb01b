using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Meerkat.Core.Placement;
using Meerkat.Core.Storage;
using Meerkat.Modules.Presences;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>
/// When a node of the cluster has gone, its sessions have gone with it, and it may be that nobody is left who knows in which rooms they were. Every node looks whether the occupants of its rooms are still the sessions that
/// joined, and takes the others out (OPS-219): another session may have their address by now, and is in no room that it did not join (CORE-124). Safe for concurrent use.
/// </summary>
internal sealed class GhostCheck : IDisposable
{
    private const string Space = "meerkat:muc:sessions";
    private const int AtOnce = 16;
    private const int Tries = 30;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly RoomHost _host;
    private readonly IPresenceBroadcast _presences;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;

    /// <summary>Begins to hear of nodes that go.</summary>
    /// <param name="host">The rooms.</param>
    /// <param name="presences">Knows which rooms a session thinks to be in.</param>
    public GhostCheck(RoomHost host, IPresenceBroadcast presences)
    {
        (_host, _presences, _stopped) = (host, presences, _stop.Token);
        host.Host.Server.Sessions.SessionsLost += Begin;
    }

    /// <summary>What a room says of its sessions: their addresses, and when they were bound.</summary>
    public static XmlElement Write(RoomState room)
    {
        var sessions = new XmlBuilder("sessions", Space);
        foreach (var session in room.Occupants.Values.SelectMany(occupant => occupant.Sessions))
        {
            sessions.Start("one").Attribute("session", session.Jid.ToString()).Attribute("order", session.Order.ToString(CultureInfo.InvariantCulture)).End();
        }

        return sessions.Build();
    }

    public void Dispose()
    {
        _host.Host.Server.Sessions.SessionsLost -= Begin;
        _stop.Cancel();
        _stop.Dispose();
    }

    private void Begin() => _ = Task.Run(() => RunAsync(_stopped), CancellationToken.None);

    // Two looks have to agree: one of them may come while a session moves, or while the authority is told again what there is. Whoever cannot be asked about is not gone, and is asked about again.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private async Task RunAsync(CancellationToken ct)
    {
        try
        {
            IReadOnlyCollection<string> rooms = [.. _host.Rooms.Local];
            var suspects = new HashSet<Visitor>();
            for (var tries = 1; rooms.Count > 0; tries++)
            {
                var (found, silent) = await LookAsync(rooms, ct);
                foreach (var ghost in found.Where(suspects.Contains))
                {
                    Remove(ghost);
                }

                suspects = [.. found.Where(visitor => !suspects.Contains(visitor))];
                rooms = [.. suspects.Select(visitor => visitor.Room).Concat(silent).Distinct()];
                if (tries == Tries && rooms.Count > 0)
                {
                    MucLog.GhostsNotSought(_host.Log, null, string.Join(", ", rooms));
                    return;
                }

                await Task.Delay(s_pause, _host.Time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The module goes.
        }
        catch (Exception failure)
        {
            MucLog.GhostsNotSought(_host.Log, failure, "the rooms");
        }
    }

    // Who seems to be no session any more, and the rooms of which not all is known.
    private async Task<(IReadOnlyCollection<Visitor> Found, IReadOnlyCollection<string> Silent)> LookAsync(IEnumerable<string> rooms, CancellationToken ct)
    {
        var found = new ConcurrentBag<Visitor>();
        var silent = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(rooms, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (room, ct) =>
        {
            try
            {
                foreach (var visitor in await VisitorsAsync(room, ct))
                {
                    if (!await IsHereAsync(visitor, ct))
                    {
                        found.Add(visitor);
                    }
                }
            }
            catch (Exception unknown) when (unknown is StorageUnavailableException or StorageBusyException or PlacementBusyException)
            {
                silent.Add(room);
            }
        });
        return (found, silent);
    }

    // Of this server's accounts: whether a user of another one is still there is that one's to say.
    private async ValueTask<IEnumerable<Visitor>> VisitorsAsync(string room, CancellationToken ct) =>
        _host.Rooms.IsLocal(room) && (await _host.Rooms.AskAsync(room, new RoomCommand(RoomCommandKind.Sessions), ct)).Payload is { } sessions
            ? [.. sessions.Children.Select(child => new Visitor(room, FullJid.Parse(child.Attribute("session")!), long.Parse(child.Attribute("order")!, CultureInfo.InvariantCulture)))
                .Where(visitor => _host.Host.Server.Domains.TryFindAccounts(visitor.Session.Domain, out _))]
            : [];

    // A session that was resumed has another number, and still knows which rooms it is in.
    private async ValueTask<bool> IsHereAsync(Visitor visitor, CancellationToken ct) =>
        await _host.Host.Server.Sessions.FindAsync(visitor.Session, ct) is { } session
        && (session.Order == visitor.Order || _presences.DirectedBy(session).Any(entity => entity.Bare.Equals(BareJid.Parse(visitor.Room))));

    private void Remove(Visitor ghost) => _host.Rooms.TryPost(ghost.Room, new RoomCommand(RoomCommandKind.SessionLost)
    {
        Who = ghost.Session,
        Order = ghost.Order,
        Stanza = Presence.Create(PresenceType.Unavailable, ghost.Session, null),
    });

    private sealed record Visitor(string Room, FullJid Session, long Order);
}
