using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What a room has in the store, and what it still has to write there. Belongs to its room.</summary>
internal sealed class RoomStorage(RoomHost host, long epoch)
{
    private readonly HistoryWriter _history = new(host, epoch);
    private bool _isStored;

    /// <summary>Whether the store has the room.</summary>
    public bool IsStored => _isStored;

    /// <summary>Whether history waits to be written: the room has to stay in memory.</summary>
    public bool IsBehind => _history.IsBehind;

    /// <returns>The room; null when it is not kept.</returns>
    /// <exception cref="InvalidOperationException">A newer writer has it.</exception>
    public async ValueTask<RoomState?> LoadAsync(BareJid room, CancellationToken ct)
    {
        var stored = await host.Store.FindAsync(room, ct);
        if (stored is not null && host.Host.Server.Placement.IsShared)
        {
            // A writer on another node that does not know yet that it was given up changes nothing behind this.
            if (!await host.Store.ClaimAsync(room, epoch, ct))
            {
                MucLog.Superseded(host.Log, room);
                throw new InvalidOperationException("a newer writer has the room");
            }

            stored = await host.Store.FindAsync(room, ct);
        }

        _isStored = stored is not null;
        return stored is null ? null : RoomCodec.Read(stored);
    }

    /// <summary>Writes what a turn has changed.</summary>
    /// <returns>Why it could not be: then nothing has happened. Null when all is written.</returns>
    /// <exception cref="Exception">The store's: nothing has happened, but that a nick may be registered.</exception>
    public async ValueTask<StanzaError?> SaveAsync(Turn turn)
    {
        if (turn.Registrations.Count > 0 && !await RegisterAsync(turn))
        {
            return StanzaError.Conflict("That nickname is registered by another person.");
        }

        var room = turn.State;
        if (turn.Forgets)
        {
            if (_isStored)
            {
                await _history.StopAsync(); // what is under way must not land in a room that is made anew
                if (!await host.Store.RemoveAsync(room.Jid, epoch, CancellationToken.None))
                {
                    MucLog.Superseded(host.Log, room.Jid);
                    throw new InvalidOperationException("a newer writer has written the room");
                }

                _isStored = false;
            }
        }
        else if (room.Configuration.IsPersistent && !room.IsLocked && (!_isStored || turn.Saves || turn.Affiliations.Count > 0))
        {
            var affiliations = _isStored ? [.. turn.Affiliations.Select(change => new StoredAffiliation(change.User, change.After, change.Reason))] : RoomCodec.Affiliations(room);
            if (!await host.Store.SaveAsync(RoomCodec.Write(room, affiliations), epoch, CancellationToken.None))
            {
                MucLog.Superseded(host.Log, room.Jid);
                throw new InvalidOperationException("a newer writer has written the room");
            }

            if (!_isStored && room.History.Count > 0)
            {
                _ = _history.WriteAsync(room);
            }

            _isStored = true;
        }

        return null;
    }

    /// <summary>The history is another one: it is written behind the room's back, of several at once the last one.</summary>
    /// <returns>Completes, and never fails, when it is durable, or could not be written, which is logged; at once for a room that is not kept.</returns>
    public Task KeepHistory(RoomState room) => _isStored ? _history.WriteAsync(room) : Task.CompletedTask;

    /// <summary>Completes when all that was to be written is; what failed before is tried once more.</summary>
    public Task FlushAsync() => _isStored ? _history.FlushAsync() : Task.CompletedTask;

    // All or none: the rules have looked already, so that only who was quicker can be in the way.
    private async ValueTask<bool> RegisterAsync(Turn turn)
    {
        var service = turn.Room.Domain;
        var done = new Stack<(BareJid User, string? Before)>();
        foreach (var (user, nick) in turn.Registrations)
        {
            var before = turn.Registrations.Count > 1 ? await host.Store.NickOfAsync(service, user, CancellationToken.None) : null;
            if (await host.Store.RegisterNickAsync(service, user, nick.Length == 0 ? null : nick, CancellationToken.None))
            {
                done.Push((user, before));
                continue;
            }

            foreach (var (other, had) in done)
            {
                await host.Store.RegisterNickAsync(service, other, had, CancellationToken.None);
            }

            return false;
        }

        return true;
    }
}
