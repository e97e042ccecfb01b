namespace Meerkat.Core.Domains;

/// <summary>Domains in memory: the reference of the contract, for tests.</summary>
/// <param name="time">The clock: events are forgotten by their age.</param>
public sealed class MemoryDomainStore(TimeProvider time) : IDomainStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, DomainRecord> _domains = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, (string Domain, DateTimeOffset Created)> _events = [];
    private long _ids;
    private long _last;

    /// <inheritdoc/>
    public ValueTask<DomainRecord?> FindAsync(string domain, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_domains.GetValueOrDefault(domain));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DomainRecord>> ListAsync(string? after, int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            return new([.. _domains.Values.Where(record => after is null || string.CompareOrdinal(record.Domain, after) > 0).Take(limit)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> AddAsync(string domain, string hostType, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_domains.TryAdd(domain, new DomainRecord(++_ids, domain, hostType, DomainStatus.Enabled)) && Tell(domain));
        }
    }

    /// <inheritdoc/>
    public ValueTask<DomainRecord?> SetStatusAsync(string domain, string? hostType, DomainStatus status, CancellationToken ct)
    {
        lock (_gate)
        {
            var record = _domains.GetValueOrDefault(domain);
            if (record is not null && record.Status is not DomainStatus.Deleting && record.Status != status && (hostType is null || hostType == record.HostType))
            {
                _domains[domain] = record = record with { Status = status };
                Tell(domain);
            }

            return new(record);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(DomainRecord record, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_domains.GetValueOrDefault(record.Domain) is { Status: DomainStatus.Deleting } found && found.Id == record.Id && _domains.Remove(record.Domain) && Tell(record.Domain));
        }
    }

    /// <inheritdoc/>
    public ValueTask<DomainNews> ReadEventsAsync(long after, int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            if (after < 0 || after == _last)
            {
                return new(new DomainNews(_last, true, []));
            }

            var isComplete = after < _last && _events.ContainsKey(after + 1);
            return new(new DomainNews(
                _last, isComplete, isComplete ? [.. _events.Where(found => found.Key > after).Take(limit).Select(found => new DomainEvent(found.Key, found.Value.Domain, _domains.GetValueOrDefault(found.Value.Domain)))] : []));
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveEventsAsync(DateTimeOffset before, CancellationToken ct)
    {
        lock (_gate)
        {
            var old = _events.Where(found => found.Value.Created < before).Select(found => found.Key).ToArray();
            Array.ForEach(old, id => _events.Remove(id));
            return new(old.Length);
        }
    }

    private bool Tell(string domain)
    {
        _events[++_last] = (domain, time.GetUtcNow());
        return true;
    }
}
