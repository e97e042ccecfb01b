namespace Meerkat.Modules.Offline;

/// <summary>What an administrator may do to offline storage (OFF-007).</summary>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
public sealed class OfflineOperations(IOfflineStore store, TimeProvider time)
{
    /// <summary>Removes the messages of a domain's accounts that have expired (XEP-0023).</summary>
    /// <returns>How many.</returns>
    public ValueTask<long> RemoveExpiredAsync(string domain, CancellationToken ct) => store.RemoveExpiredAsync(domain, time.GetUtcNow(), ct);

    /// <summary>Removes the messages of a domain's accounts that have waited longer than some days.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="days">How many days; 0 removes all.</param>
    /// <param name="ct">Gives up before the removal begins.</param>
    /// <returns>How many.</returns>
    public ValueTask<long> RemoveOlderAsync(string domain, int days, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(days);
        var now = time.GetUtcNow();
        return store.RemoveOlderAsync(domain, days < (now - DateTimeOffset.UnixEpoch).TotalDays ? now.AddDays(-days) : DateTimeOffset.UnixEpoch, ct); // nothing is older than the clock
    }
}
