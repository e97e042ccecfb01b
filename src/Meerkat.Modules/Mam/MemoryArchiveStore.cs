using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>The reference implementation of <see cref="IArchiveStore"/>, in memory.</summary>
public abstract class MemoryArchiveStore : IArchiveStore
{
    private readonly Dictionary<BareJid, SortedList<long, ArchivedMessage>> _archives = [];

    private protected MemoryArchiveStore()
    {
    }

    /// <inheritdoc/>
    public ArchiveAbilities Abilities => ArchiveAbilities.All;

    private protected Lock Gate { get; } = new();

    private protected IEnumerable<ArchiveEntry> All => _archives.SelectMany(archive => archive.Value.Values.Select(message => new ArchiveEntry(archive.Key, message)));

    /// <inheritdoc/>
    public ValueTask AppendAsync(IReadOnlyList<ArchiveEntry> entries, CancellationToken ct)
    {
        lock (Gate)
        {
            foreach (var (owner, message) in entries)
            {
                var archive = _archives.TryGetValue(owner, out var known) ? known : _archives[owner] = [];
                if (message.OriginId is not { } origin || Find(owner, message.Remote, message.IsOutgoing, origin) is null)
                {
                    archive.TryAdd(message.Id, message with { Xml = message.Xml.ToArray() });
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ArchivePage?> QueryAsync(BareJid owner, ArchiveQuery query, CancellationToken ct)
    {
        ArchivedMessage[] matching;
        lock (Gate)
        {
            matching = _archives.TryGetValue(owner, out var archive) ? [.. archive.Values.Where(message => Matches(message, query))] : [];
        }

        if (!query.IsSimple && (IsUnknown(query.After) || IsUnknown(query.Before)))
        {
            return new((ArchivePage?)null);
        }

        var range = matching.Skip(query.Index ?? 0).Where(message => message.Id > (query.After ?? long.MinValue) && message.Id < (query.Before ?? long.MaxValue)).ToArray();
        var page = query.FromEnd ? range.TakeLast(query.Limit).ToArray() : [.. range.Take(query.Limit)];
        var isLast = page.Length == range.Length;
        return new(query.IsSimple
            ? new ArchivePage(page, isLast, null, null)
            : new ArchivePage(page, isLast, matching.Length, page.Length == 0 ? null : Array.IndexOf(matching, page[0])));

        bool IsUnknown(long? id) => id is { } wanted && !matching.Any(message => message.Id == wanted);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ArchivedMessage>> GetAsync(BareJid owner, IReadOnlyList<long> ids, CancellationToken ct)
    {
        lock (Gate)
        {
            return new(_archives.TryGetValue(owner, out var archive) ? [.. ids.Where(archive.ContainsKey).Select(id => archive[id])] : []);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ArchivedMessage?> FindAsync(BareJid owner, BareJid remote, bool isOutgoing, string originId, CancellationToken ct)
    {
        lock (Gate)
        {
            return new(Find(owner, remote, isOutgoing, originId));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> ReplaceAsync(BareJid owner, long id, ReadOnlyMemory<byte> xml, CancellationToken ct)
    {
        lock (Gate)
        {
            if (!_archives.TryGetValue(owner, out var archive) || !archive.TryGetValue(id, out var message))
            {
                return new(false);
            }

            archive[id] = message with { Xml = xml.ToArray(), SearchText = null };
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<(long First, long Last)?> BoundsAsync(BareJid owner, CancellationToken ct)
    {
        lock (Gate)
        {
            return new(_archives.TryGetValue(owner, out var archive) && archive.Count > 0 ? (archive.GetKeyAtIndex(0), archive.GetKeyAtIndex(archive.Count - 1)) : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(BareJid owner, CancellationToken ct)
    {
        lock (Gate)
        {
            _archives.Remove(owner);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveBelowAsync(string domain, long belowId, int limit, CancellationToken ct)
    {
        lock (Gate)
        {
            var old = All.Where(entry => entry.Owner.Domain == domain && entry.Message.Id < belowId).Take(limit).ToArray();
            foreach (var (owner, message) in old)
            {
                _archives[owner].Remove(message.Id);
            }

            return new(old.Length);
        }
    }

    private static bool Matches(ArchivedMessage message, ArchiveQuery query) =>
        message.Id >= query.From && message.Id <= query.To
        && (query.With is null || message.Remote.Equals(query.With))
        && (query.Resource is null || message.Resource == query.Resource)
        && !(query.WithoutGroupchat && message.IsGroupchat)
        && query.Words.All(word => message.SearchText?.Contains(word, StringComparison.Ordinal) is true);

    private ArchivedMessage? Find(BareJid owner, BareJid remote, bool isOutgoing, string originId) =>
        _archives.TryGetValue(owner, out var archive)
            ? archive.Values.LastOrDefault(message => message.OriginId == originId && message.IsOutgoing == isOutgoing && message.Remote.Equals(remote))
            : null;
}

/// <summary>The reference implementation of <see cref="IAccountArchiveStore"/>, in memory.</summary>
public sealed class MemoryAccountArchiveStore : MemoryArchiveStore, IAccountArchiveStore;

/// <summary>The reference implementation of <see cref="IRoomArchiveStore"/>, in memory.</summary>
public sealed class MemoryRoomArchiveStore : MemoryArchiveStore, IRoomArchiveStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ArchiveEntry>> OfSenderAsync(BareJid sender, ArchiveEntry? after, int limit, CancellationToken ct)
    {
        lock (Gate)
        {
            var own = All.Where(entry => entry.Message.Remote.Equals(sender)).OrderBy(entry => entry.Owner.ToString(), StringComparer.Ordinal).ThenBy(entry => entry.Message.Id);
            var rest = after is { } last ? own.SkipWhile(entry => !entry.Owner.Equals(last.Owner) || entry.Message.Id != last.Message.Id).Skip(1) : own;
            return new([.. rest.Take(limit)]);
        }
    }
}
