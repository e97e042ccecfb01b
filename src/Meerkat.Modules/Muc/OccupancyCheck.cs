using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Sessions;
using Meerkat.Modules.Presences;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>
/// When a node of the cluster has gone, its rooms have gone with it, and made anew elsewhere they are empty. Every node asks the rooms that its own sessions think to be in whether they are; a room tells those that are not
/// (XEP-0045 status 332), so that nobody waits in a room that does not know him. Safe for concurrent use.
/// </summary>
internal sealed class OccupancyCheck : IDisposable
{
    private const string Space = "meerkat:muc:check";
    private const int AtOnce = 16;
    private const int Tries = 30;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly RoomHost _host;
    private readonly IPresenceBroadcast _presences;
    private readonly Func<string, bool> _isOurs;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;

    /// <summary>Begins to hear of nodes that go.</summary>
    /// <param name="host">The rooms.</param>
    /// <param name="presences">Knows which rooms a session thinks to be in.</param>
    /// <param name="isOurs">Whether a domain is one of the rooms'.</param>
    public OccupancyCheck(RoomHost host, IPresenceBroadcast presences, Func<string, bool> isOurs)
    {
        (_host, _presences, _isOurs, _stopped) = (host, presences, isOurs, _stop.Token);
        host.Rooms.WritersLost += Begin;
    }

    /// <summary>What a command of this kind says: sessions, and the address that each thinks to have in the room.</summary>
    public static IEnumerable<(FullJid Session, Jid Address)> Read(RoomCommand command) =>
        command.Payload!.Value.Children.Select(child => (FullJid.Parse(child.Attribute("session")!), Jid.Parse(child.Attribute("as")!)));

    public void Dispose()
    {
        _host.Rooms.WritersLost -= Begin;
        _stop.Cancel();
        _stop.Dispose();
    }

    private void Begin() => _ = Task.Run(() => RunAsync(_stopped), CancellationToken.None);

    // Until every room has answered; whoever left meanwhile is not asked about again.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private async Task RunAsync(CancellationToken ct)
    {
        try
        {
            var asked = Believed().ToArray();
            for (var tries = 1; ; tries++)
            {
                var silent = new ConcurrentDictionary<BareJid, bool>();
                await Parallel.ForEachAsync(asked, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (room, ct) =>
                {
                    if (!await AskAsync(room, ct))
                    {
                        silent[room.Key] = true;
                    }
                });
                if (silent.IsEmpty)
                {
                    return;
                }

                if (tries == Tries)
                {
                    MucLog.NotChecked(_host.Log, null, string.Join(", ", silent.Keys));
                    return;
                }

                await Task.Delay(s_pause, _host.Time, ct);
                asked = [.. Believed().Where(room => silent.ContainsKey(room.Key))];
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The module goes.
        }
        catch (Exception failure)
        {
            MucLog.NotChecked(_host.Log, failure, "the rooms");
        }
    }

    // By room.
    private IEnumerable<IGrouping<BareJid, (Session Session, Jid Address)>> Believed() => _host.Host.Server.Sessions.Local
        .SelectMany(session => _presences.DirectedBy(session).Where(entity => entity is FullJid { Local: not null } && _isOurs(entity.Domain)).Select(entity => (Session: session, Address: entity)))
        .GroupBy(belief => belief.Address.Bare);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever kept the room from answering: it is asked again.")]
    private async ValueTask<bool> AskAsync(IGrouping<BareJid, (Session Session, Jid Address)> room, CancellationToken ct)
    {
        var who = new XmlBuilder("check", Space);
        foreach (var (session, address) in room)
        {
            who.Start("one").Attribute("session", session.Jid.ToString()).Attribute("as", address.ToString()).End();
        }

        try
        {
            await _host.Rooms.AskAsync(room.Key.ToString(), new RoomCommand(RoomCommandKind.Check) { Payload = who.Build() }, ct);
            return true;
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
