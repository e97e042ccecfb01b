using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.OfflineChatMarkers;

/// <summary>The reference implementation of <see cref="IOfflineMarkerStore"/>, in memory.</summary>
public sealed class MemoryOfflineMarkerStore : IOfflineMarkerStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(BareJid Account, BareJid? Room, string Thread), long> _missed = [];

    /// <inheritdoc/>
    public ValueTask<bool> AddAsync(BareJid account, MissedMarkers missed, int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            var key = (account, missed.Room, missed.Thread);
            if (!_missed.ContainsKey(key) && _missed.Keys.Count(other => other.Account.Equals(account)) >= limit)
            {
                return new(false);
            }

            _missed[key] = Math.Min(missed.Since, _missed.GetValueOrDefault(key, long.MaxValue));
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MissedMarkers>> ListAsync(BareJid account, CancellationToken ct)
    {
        lock (_gate)
        {
            return new([.. _missed.Where(pair => pair.Key.Account.Equals(account)).Select(pair => new MissedMarkers(pair.Key.Room, pair.Key.Thread, pair.Value))]);
        }
    }

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => Remove(owner => owner.Equals(account));

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => Remove(owner => owner.Domain == domain);

    /// <summary>None: that markers came while an account was away is no more than what its contacts' markers say.</summary>
    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => AsyncEnumerable.Empty<PersonalDataSection>();

    private ValueTask Remove(Func<BareJid, bool> matches)
    {
        lock (_gate)
        {
            foreach (var key in _missed.Keys.Where(key => matches(key.Account)).ToArray())
            {
                _missed.Remove(key);
            }
        }

        return ValueTask.CompletedTask;
    }
}
