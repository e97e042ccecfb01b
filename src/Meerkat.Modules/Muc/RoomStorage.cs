using System.Diagnostics.CodeAnalysis;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What a room has in the store, and what it still has to write there. Belongs to its room.</summary>
internal sealed class RoomStorage(RoomHost host, long epoch)
{
    private bool _isStored;
    private bool _historyChanged;

    /// <returns>The room; null when it is not kept.</returns>
    public async ValueTask<RoomState?> LoadAsync(BareJid room, CancellationToken ct)
    {
        var stored = await host.Store.FindAsync(room, ct);
        _isStored = stored is not null;
        return stored is null ? null : RoomCodec.Read(stored);
    }

    /// <summary>Who has registered nicks with the service.</summary>
    public async ValueTask<IReadOnlyDictionary<string, BareJid>> OwnersOfAsync(BareJid room, IReadOnlyList<string> nicks, CancellationToken ct)
    {
        var owners = new Dictionary<string, BareJid>(StringComparer.Ordinal);
        foreach (var nick in nicks)
        {
            if (nick.Length > 0 && await host.Store.NickOwnerAsync(room.Domain, nick, ct) is { } owner)
            {
                owners[nick] = owner;
            }
        }

        return owners;
    }

    /// <summary>Writes what a turn has changed, or fails: then nothing has happened.</summary>
    public async ValueTask SaveAsync(Turn turn)
    {
        var room = turn.State;
        if (turn.Forgets)
        {
            if (_isStored)
            {
                await host.Store.RemoveAsync(room.Jid, CancellationToken.None);
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

            _historyChanged |= !_isStored && room.History.Count > 0;
            _isStored = true;
        }

        foreach (var (user, nick) in turn.Registrations)
        {
            await host.Store.RegisterNickAsync(room.Jid.Domain, user, nick.Length == 0 ? null : nick, CancellationToken.None);
        }
    }

    /// <summary>The history is another one: it is written with the next <see cref="FlushAsync"/>.</summary>
    public void HistoryChanged() => _historyChanged = true;

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A late write that nobody waits for: it is logged, and tried again.")]
    public async ValueTask FlushAsync(RoomState room)
    {
        if (!_historyChanged || !_isStored)
        {
            return;
        }

        try
        {
            await host.Store.SaveHistoryAsync(room.Jid, RoomCodec.WriteHistory(room.History), epoch, CancellationToken.None);
            _historyChanged = false;
        }
        catch (Exception failure)
        {
            MucLog.HistoryFailed(host.Log, failure, room.Jid);
        }
    }
}
