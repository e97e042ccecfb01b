using System.Runtime.CompilerServices;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Inbox;

/// <summary>The reference implementation of <see cref="IInboxStore"/>, in memory.</summary>
public sealed class MemoryInboxStore : IInboxStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(BareJid Owner, BareJid Remote), InboxEntry> _entries = [];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<InboxOutcome>> ApplyAsync(IReadOnlyList<InboxTask> tasks, CancellationToken ct)
    {
        lock (_gate)
        {
            var outcomes = new List<InboxOutcome>(tasks.Count);
            foreach (var task in tasks)
            {
                var before = _entries.GetValueOrDefault((task.Owner, task.Remote));
                var after = InboxChanges.Apply(before, task);
                Put(task.Owner, task.Remote, after);
                outcomes.Add(new InboxOutcome(after, before?.Box));
            }

            return new(outcomes);
        }
    }

    /// <inheritdoc/>
    public ValueTask<InboxEntry?> FindAsync(BareJid owner, BareJid remote, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_entries.GetValueOrDefault((owner, remote)));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<InboxEntry>> QueryAsync(BareJid owner, InboxFilter filter, CancellationToken ct)
    {
        lock (_gate)
        {
            var matching = Of(owner).Where(entry => Matches(entry, filter)).OrderByDescending(entry => entry.Timestamp).ThenBy(entry => entry.Remote.ToString(), StringComparer.Ordinal);
            return new([.. (filter.IsAscending ? matching.Reverse() : matching).Take(filter.Limit)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<InboxEntry?> SetAsync(BareJid owner, BareJid remote, InboxProperties properties, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_entries.TryGetValue((owner, remote), out var entry) ? _entries[(owner, remote)] = properties.ApplyTo(entry) : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> EmptyBinAsync(BareJid owner, long before, CancellationToken ct) =>
        new(Remove((account, entry) => account.Equals(owner) && entry.Box == InboxBox.Bin && entry.Timestamp < before, int.MaxValue));

    /// <inheritdoc/>
    public ValueTask<int> EmptyBinsAsync(string domain, long before, CancellationToken ct) =>
        new(Remove((account, entry) => account.Domain == domain && entry.Box == InboxBox.Bin && entry.Timestamp < before, int.MaxValue));

    /// <inheritdoc/>
    public ValueTask<int> RemoveSomeAsync(string domain, int limit, CancellationToken ct) => new(Remove((account, _) => account.Domain == domain, limit));

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        Remove((owner, _) => owner.Equals(account), int.MaxValue);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        Remove((owner, _) => owner.Domain == domain, int.MaxValue);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await QueryAsync(account, new InboxFilter { Box = InboxBox.All }, ct) is { Count: > 0 } entries)
        {
            yield return InboxExport.Section(entries);
        }
    }

    private static bool Matches(InboxEntry entry, InboxFilter filter) =>
        (filter.Box is null ? entry.Box != InboxBox.Bin : filter.Box == InboxBox.All || entry.Box == filter.Box)
        && (!filter.IsUnread || entry.Unread > 0)
        && entry.Timestamp >= filter.Start && entry.Timestamp <= filter.End
        && (filter.OlderThan is not { } older || Compare(entry, older) > 0)
        && (filter.NewerThan is not { } newer || Compare(entry, newer) < 0);

    // The place in the order of the newest first.
    private static int Compare(InboxEntry entry, (long Timestamp, BareJid Remote) other) =>
        entry.Timestamp != other.Timestamp ? other.Timestamp.CompareTo(entry.Timestamp) : string.CompareOrdinal(entry.Remote.ToString(), other.Remote.ToString());

    private IEnumerable<InboxEntry> Of(BareJid owner) => _entries.Where(pair => pair.Key.Owner.Equals(owner)).Select(pair => pair.Value);

    private void Put(BareJid owner, BareJid remote, InboxEntry? entry)
    {
        if (entry is null)
        {
            _entries.Remove((owner, remote));
        }
        else
        {
            _entries[(owner, remote)] = entry with { Content = entry.Content.ToArray() };
        }
    }

    private int Remove(Func<BareJid, InboxEntry, bool> matches, int limit)
    {
        lock (_gate)
        {
            var keys = _entries.Where(pair => matches(pair.Key.Owner, pair.Value)).Take(limit).Select(pair => pair.Key).ToArray();
            foreach (var key in keys)
            {
                _entries.Remove(key);
            }

            return keys.Length;
        }
    }
}
