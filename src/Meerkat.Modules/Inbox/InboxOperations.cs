using Meerkat.Xmpp;

namespace Meerkat.Modules.Inbox;

/// <summary>What an administrator may do to inboxes (INB-040, GQA-INBOX-01 to GQA-INBOX-03).</summary>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
public sealed class InboxOperations(IInboxStore store, TimeProvider time)
{
    /// <summary>Empties an account's bin.</summary>
    /// <param name="account">The account; that it exists is for the caller to check.</param>
    /// <param name="days">Only what has been there for so many days; null for all.</param>
    /// <param name="ct">Gives up before the removal begins.</param>
    /// <returns>How many conversations went.</returns>
    public ValueTask<int> FlushUserBinAsync(BareJid account, int? days, CancellationToken ct) => store.EmptyBinAsync(account, Before(days), ct);

    /// <summary>Empties the bins of a domain's accounts.</summary>
    /// <inheritdoc cref="FlushUserBinAsync"/>
    /// <param name="domain">The domain.</param>
    /// <param name="days">As above.</param>
    /// <param name="ct">As above.</param>
    public ValueTask<int> FlushDomainBinAsync(string domain, int? days, CancellationToken ct) => store.EmptyBinsAsync(domain, Before(days), ct);

    /// <summary>Empties the bins of all accounts of some domains: those of a host type.</summary>
    /// <inheritdoc cref="FlushUserBinAsync"/>
    /// <param name="domains">The domains.</param>
    /// <param name="days">As above.</param>
    /// <param name="ct">As above.</param>
    public async ValueTask<int> FlushGlobalBinAsync(IEnumerable<string> domains, int? days, CancellationToken ct)
    {
        var total = 0;
        foreach (var domain in domains)
        {
            total += await FlushDomainBinAsync(domain, days, ct);
        }

        return total;
    }

    private long Before(int? days)
    {
        if (days is not { } age)
        {
            return long.MaxValue;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(age, nameof(days));
        var now = time.GetUtcNow();
        return InboxTime.Microseconds(age < (now - DateTimeOffset.UnixEpoch).TotalDays ? now.AddDays(-age) : DateTimeOffset.UnixEpoch); // nothing is older than the clock
    }
}
