using System.Runtime.CompilerServices;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>The reference implementation of <see cref="IMucLightStore"/>, in memory.</summary>
public sealed class MemoryMucLightStore : IMucLightStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BareJid, MucLightRoom> _rooms = [];
    private readonly Dictionary<BareJid, HashSet<MucLightBlock>> _blocking = [];

    /// <inheritdoc/>
    public ValueTask<MucLightRoom?> FindAsync(BareJid room, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_rooms.GetValueOrDefault(room));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryCreateAsync(MucLightRoom room, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_rooms.TryAdd(room.Jid, room));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryUpdateAsync(MucLightRoom before, MucLightRoom after, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!IsCurrent(before))
            {
                return new(false);
            }

            _rooms[after.Jid] = after;
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryRemoveAsync(MucLightRoom room, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(IsCurrent(room) && _rooms.Remove(room.Jid));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MucLightMembership>> ListAsync(BareJid user, string? service, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(
            [
                .. _rooms.Values
                    .Where(room => (service is null || room.Jid.Domain == service) && room.Occupants.Find(user) is not MucLightAffiliation.None)
                    .OrderBy(room => room.Jid, AddressOrder.Instance)
                    .Select(room => new MucLightMembership(room.Jid, room.Version, room.Configuration, room.Occupants.Find(user))),
            ]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<BareJid, int>> CountAsync(IReadOnlyList<BareJid> users, string service, CancellationToken ct)
    {
        lock (_gate)
        {
            var counts = users.Distinct().Select(user => (User: user, Count: _rooms.Values.Count(room => room.Jid.Domain == service && room.Occupants.Find(user) is not MucLightAffiliation.None)));
            return new(counts.Where(counted => counted.Count > 0).ToDictionary(counted => counted.User, counted => counted.Count));
        }
    }

    /// <inheritdoc/>
    public ValueTask<MucLightPage> SearchAsync(string service, string filter, BareJid? after, int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            var folded = Fold(filter);
            var found = _rooms.Values
                .Where(room => room.Jid.Domain == service && (room.Jid.Local!.Contains(folded, StringComparison.Ordinal) || Fold(room.Name).Contains(folded, StringComparison.Ordinal)))
                .OrderBy(room => room.Jid, AddressOrder.Instance)
                .ToArray();
            var rest = found.Where(room => after is null || room.Jid.LocalUtf8.SequenceCompareTo(after.LocalUtf8) > 0).ToArray();
            return new(new MucLightPage(
                [.. rest.Take(limit).Select(room => new MucLightSummary(room.Jid, room.Configuration, room.Occupants.Count))],
                found.Length,
                rest.Length > limit));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MucLightBlock>> GetBlockingAsync(BareJid user, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(Ordered(_blocking.GetValueOrDefault(user, [])));
        }
    }

    /// <inheritdoc/>
    public ValueTask SetBlockingAsync(BareJid user, IReadOnlyList<(MucLightBlock Block, bool IsDenied)> changes, CancellationToken ct)
    {
        lock (_gate)
        {
            var blocked = _blocking.TryGetValue(user, out var known) ? known : _blocking[user] = [];
            foreach (var (block, isDenied) in changes)
            {
                if (isDenied)
                {
                    blocked.Add(block);
                }
                else
                {
                    blocked.Remove(block);
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlySet<BareJid>> FindBlockersAsync(IReadOnlyList<BareJid> users, IReadOnlyList<MucLightBlock> blocked, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(users.Where(user => _blocking.TryGetValue(user, out var own) && own.Overlaps(blocked)).ToHashSet());
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
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => Remove(user => user.Equals(account));

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => Remove(user => user.Domain == domain);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var section in MucLightExport.Sections(await ListAsync(account, null, ct), await GetBlockingAsync(account, ct)))
        {
            yield return section;
        }
    }

    /// <summary>Text as it is searched for: in lower case.</summary>
    internal static string Fold(string text) => text.ToLowerInvariant();

    internal static IReadOnlyList<MucLightBlock> Ordered(IEnumerable<MucLightBlock> blocks) =>
        [.. blocks.OrderBy(block => block.IsRoom).ThenBy(block => block.Jid, AddressOrder.Instance)];

    private bool IsCurrent(MucLightRoom room) => _rooms.TryGetValue(room.Jid, out var stored) && stored.Version == room.Version;

    private ValueTask Remove(Func<BareJid, bool> users)
    {
        lock (_gate)
        {
            foreach (var user in _blocking.Keys.Where(users).ToArray())
            {
                _blocking.Remove(user);
            }

            foreach (var room in _rooms.Values.Where(room => room.Occupants.Any(occupant => users(occupant.Jid))).ToArray())
            {
                var gone = room.Occupants.Where(occupant => users(occupant.Jid)).Select(occupant => occupant with { Affiliation = MucLightAffiliation.None });
                _rooms[room.Jid] = room with { Occupants = room.Occupants.With(gone) };
            }
        }

        return ValueTask.CompletedTask;
    }
}
