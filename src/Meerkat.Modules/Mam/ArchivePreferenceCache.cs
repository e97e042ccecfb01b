using System.Collections.Concurrent;
using Meerkat.Core.Cluster;
using Meerkat.Modules.Roster;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>What owners want archived, as the road of a message asks for it: from memory after the first time. Safe for concurrent use.</summary>
/// <param name="store">Where it is kept.</param>
/// <param name="contacts">Whose presence who may see; null without rosters: then nobody is a contact.</param>
/// <param name="events">Tells other nodes of changes.</param>
internal sealed class ArchivePreferenceCache(IArchivePreferenceStore store, IContacts? contacts, IClusterEvents events)
{
    private const int Capacity = 50_000;

    private readonly ConcurrentDictionary<BareJid, ArchivePreferences> _known = new();
    private long _version;

    public ValueTask<ArchivePreferences> GetAsync(BareJid owner, CancellationToken ct) =>
        _known.TryGetValue(owner, out var preferences) ? new ValueTask<ArchivePreferences>(preferences) : LoadAsync(owner, ct);

    public async ValueTask SetAsync(BareJid owner, ArchivePreferences preferences, CancellationToken ct)
    {
        await store.SetAsync(owner, preferences, ct);
        _known[owner] = preferences;
        await events.TellAsync(new ClusterEvent(ClusterTopics.ArchivePreferences, owner));
    }

    public async ValueTask RemoveAsync(BareJid owner, CancellationToken ct)
    {
        await store.RemoveAsync(owner, ct);
        _known.TryRemove(owner, out _);
        await events.TellAsync(new ClusterEvent(ClusterTopics.ArchivePreferences, owner));
    }

    /// <summary>Another node has changed what an owner wants.</summary>
    public ValueTask ForgetAsync(BareJid owner)
    {
        Interlocked.Increment(ref _version);
        _known.TryRemove(owner, out _);
        return ValueTask.CompletedTask;
    }

    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        await store.RemoveDomainAsync(domain, ct);
        Forget();
    }

    /// <summary>What is stored may change past this cache.</summary>
    public void Forget() => _known.Clear();

    /// <summary>Whether what an owner and somebody else say to each other is archived (MAM-022).</summary>
    /// <param name="owner">The account or room.</param>
    /// <param name="remote">The contact; for a room <c>room/nick</c>.</param>
    /// <param name="isRoom">Rooms have no contacts: <c>roster</c> means always (MAM-023).</param>
    /// <param name="ct">Cancels waits.</param>
    public async ValueTask<bool> WantsAsync(BareJid owner, Jid remote, bool isRoom, CancellationToken ct)
    {
        var preferences = await GetAsync(owner, ct);
        if (preferences.Decide(remote) is { } listed)
        {
            return listed;
        }

        return preferences.Default switch
        {
            ArchiveDefault.Always => true,
            ArchiveDefault.Never => false,
            _ => isRoom || (contacts is not null && ((await contacts.FindAsync(owner, ct)).For(remote) & SubscriptionState.From) != 0),
        };
    }

    private async ValueTask<ArchivePreferences> LoadAsync(BareJid owner, CancellationToken ct)
    {
        var version = Volatile.Read(ref _version);
        var preferences = await store.GetAsync(owner, ct) ?? ArchivePreferences.Initial;
        if (_known.Count >= Capacity)
        {
            _known.Clear();
        }

        if (_known.TryAdd(owner, preferences) && version != Volatile.Read(ref _version))
        {
            _known.TryRemove(owner, out _); // what was read may be what another node has changed since
        }

        return preferences;
    }
}
