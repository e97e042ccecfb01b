namespace Meerkat.Core.Domains;

/// <summary>The domains that are added while the server runs, and a log of what was changed about them, by which other processes on the same store learn of it (CORE-242).</summary>
/// <remarks>
/// Safe for concurrent use, by several processes too. A change and its event are written together. Events are numbered without gaps in the order in which the changes took place, so that
/// whoever has read up to one has missed nothing before it.
/// </remarks>
public interface IDomainStore
{
    /// <summary>A domain; null when it is not there.</summary>
    ValueTask<DomainRecord?> FindAsync(string domain, CancellationToken ct);

    /// <summary>The domains by name, in the order of their bytes.</summary>
    /// <param name="after">The last one of the page before; null begins.</param>
    /// <param name="limit">The most that are returned.</param>
    /// <param name="ct">Gives up.</param>
    ValueTask<IReadOnlyList<DomainRecord>> ListAsync(string? after, int limit, CancellationToken ct);

    /// <summary>Adds a domain, enabled.</summary>
    /// <returns>False when it is there, whatever its host type and status: nothing is changed.</returns>
    ValueTask<bool> AddAsync(string domain, string hostType, CancellationToken ct);

    /// <summary>Changes the status of a domain. One that is being deleted stays so; one that has the status already, or another host type than the one meant, stays as it is.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="hostType">The host type meant; null for any.</param>
    /// <param name="status">What it shall do.</param>
    /// <param name="ct">Gives up before anything is done.</param>
    /// <returns>The domain as it is now; null when it is not there.</returns>
    ValueTask<DomainRecord?> SetStatusAsync(string domain, string? hostType, DomainStatus status, CancellationToken ct);

    /// <summary>Takes away a domain that is being deleted, if it is still that row.</summary>
    /// <returns>Whether it was.</returns>
    ValueTask<bool> RemoveAsync(DomainRecord record, CancellationToken ct);

    /// <summary>What has happened since an event.</summary>
    /// <param name="after">Number of the last event that is known; 0 for none, -1 to learn only the number of the last one.</param>
    /// <param name="limit">The most events that are returned.</param>
    /// <param name="ct">Gives up.</param>
    ValueTask<DomainNews> ReadEventsAsync(long after, int limit, CancellationToken ct);

    /// <summary>Forgets the events of before a moment. Numbers go on where they were.</summary>
    /// <returns>How many there were.</returns>
    ValueTask<int> RemoveEventsAsync(DateTimeOffset before, CancellationToken ct);
}
