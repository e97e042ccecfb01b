using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Rooms in memory: the reference of the contract.</summary>
public sealed class MemoryRoomStore : IRoomStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BareJid, (StoredRoom Room, long Epoch)> _rooms = [];
    private readonly Dictionary<BareJid, long> _removed = [];
    private readonly Dictionary<(string Service, BareJid Account), string> _nicks = [];

    /// <inheritdoc/>
    public ValueTask<StoredRoom?> FindAsync(BareJid room, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_rooms.TryGetValue(room, out var kept) ? kept.Room : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> ClaimAsync(BareJid room, long epoch, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(room, out var kept))
            {
                return new(!WasRemovedBehind(room, epoch));
            }

            if (kept.Epoch > epoch)
            {
                return new(false);
            }

            _rooms[room] = (kept.Room, epoch);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> SaveAsync(StoredRoom room, long epoch, CancellationToken ct)
    {
        lock (_gate)
        {
            var before = _rooms.TryGetValue(room.Jid, out var kept) ? kept.Room : null;
            if (before is null ? WasRemovedBehind(room.Jid, epoch) : kept.Epoch > epoch)
            {
                return new(false);
            }

            _removed.Remove(room.Jid);
            var affiliations = (before?.Affiliations ?? []).ToDictionary(entry => entry.User);
            foreach (var change in room.Affiliations)
            {
                affiliations.Remove(change.User);
                if (change.Affiliation is not Affiliation.None)
                {
                    affiliations[change.User] = change;
                }
            }

            _rooms[room.Jid] = (room with { Affiliations = [.. affiliations.Values], History = before?.History }, epoch);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask SaveHistoryAsync(BareJid room, XmlElement? history, long epoch, CancellationToken ct)
    {
        lock (_gate)
        {
            if (_rooms.TryGetValue(room, out var kept) && kept.Epoch <= epoch)
            {
                _rooms[room] = (kept.Room with { History = history }, epoch);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(BareJid room, long epoch, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(room, out var kept))
            {
                return new(!WasRemovedBehind(room, epoch));
            }

            if (kept.Epoch > epoch)
            {
                return new(false);
            }

            _rooms.Remove(room);
            _removed[room] = epoch;
            foreach (var (old, _) in _removed.Where(entry => entry.Value < epoch - IRoomStore.Remembered.Ticks).ToArray())
            {
                _removed.Remove(old);
            }

            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RoomListing>> ListAsync(string service, CancellationToken ct)
    {
        lock (_gate)
        {
            return new([.. _rooms.Values.Where(kept => kept.Room.Jid.Domain == service)
                .Select(kept => new RoomListing(kept.Room.Jid, kept.Room.Title, kept.Room.IsPublic)).OrderBy(room => room.Jid.ToString(), StringComparer.Ordinal)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<BareJid>> RoomsOfAsync(BareJid account, CancellationToken ct)
    {
        lock (_gate)
        {
            return new([.. _rooms.Values.Where(kept => kept.Room.Affiliations.Any(entry => entry.User.Equals(account))).Select(kept => kept.Room.Jid)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask RemoveServiceAsync(string service, CancellationToken ct)
    {
        lock (_gate)
        {
            foreach (var room in _rooms.Keys.Where(room => room.Domain == service).ToArray())
            {
                _rooms.Remove(room);
            }

            foreach (var room in _removed.Keys.Where(room => room.Domain == service).ToArray())
            {
                _removed.Remove(room);
            }

            RemoveNicks(nick => nick.Service == service);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<string?> NickOfAsync(string service, BareJid account, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_nicks.GetValueOrDefault((service, account)));
        }
    }

    /// <inheritdoc/>
    public ValueTask<BareJid?> NickOwnerAsync(string service, string nick, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_nicks.FirstOrDefault(entry => entry.Key.Service == service && entry.Value == nick).Key.Account);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RegisterNickAsync(string service, BareJid account, string? nick, CancellationToken ct)
    {
        lock (_gate)
        {
            if (nick is null)
            {
                _nicks.Remove((service, account));
                return new(true);
            }

            if (_nicks.Any(entry => entry.Key.Service == service && entry.Value == nick && !entry.Key.Account.Equals(account)))
            {
                return new(false);
            }

            _nicks[(service, account)] = nick;
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        Forget(user => user is BareJid && user.Equals(account), nick => nick.Account.Equals(account));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        Forget(user => user.Local is not null && user.Domain == domain, nick => nick.Account.Domain == domain);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await ValueTask.CompletedTask;
        (BareJid Room, StoredAffiliation Entry)[] affiliations;
        (string Service, string Nick)[] nicks;
        lock (_gate)
        {
            affiliations = [.. _rooms.Values.SelectMany(kept => kept.Room.Affiliations.Where(entry => entry.User.Equals(account)).Select(entry => (kept.Room.Jid, entry)))];
            nicks = [.. _nicks.Where(nick => nick.Key.Account.Equals(account)).Select(nick => (nick.Key.Service, nick.Value))];
        }

        foreach (var section in RoomExport.Of(affiliations, nicks))
        {
            yield return section;
        }
    }

    private bool WasRemovedBehind(BareJid room, long epoch) => _removed.TryGetValue(room, out var removed) && removed > epoch;

    private void Forget(Func<Jid, bool> user, Func<(string Service, BareJid Account), bool> nick)
    {
        lock (_gate)
        {
            foreach (var (jid, kept) in _rooms.ToArray())
            {
                if (kept.Room.Affiliations.Any(entry => user(entry.User)))
                {
                    _rooms[jid] = (kept.Room with { Affiliations = [.. kept.Room.Affiliations.Where(entry => !user(entry.User))] }, kept.Epoch);
                }
            }

            RemoveNicks(nick);
        }
    }

    private void RemoveNicks(Func<(string Service, BareJid Account), bool> which)
    {
        foreach (var key in _nicks.Keys.Where(which).ToArray())
        {
            _nicks.Remove(key);
        }
    }
}
