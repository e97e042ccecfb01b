using Meerkat.Xmpp;

namespace Meerkat.Modules.StreamManagement;

/// <summary>How many stanzas were handled for sessions that are gone (CORE-220). Bounded in age and number. Safe for concurrent use.</summary>
/// <remarks>There is no timer: old counts go when a new one comes and the time has come, so that what nobody adds to does not grow.</remarks>
internal sealed class StaleCounts(StaleCountOptions options, TimeProvider time)
{
    /// <summary>How many counts are kept at most; the oldest goes first.</summary>
    internal const int Capacity = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, DateTimeOffset Since)> _byAge = new();
    private DateTimeOffset _swept = time.GetUtcNow();

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>A session ended.</summary>
    public void Add(string id, BareJid account, uint handled)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now - _swept >= options.RepeatAfter)
            {
                _swept = now;
                while (_byAge.TryPeek(out var oldest) && now - oldest.Since >= options.Geriatric)
                {
                    Forget();
                }
            }

            if (_byAge.Count >= Capacity)
            {
                Forget();
            }

            _entries[id] = new Entry(account, handled, now);
            _byAge.Enqueue((id, now));
        }
    }

    /// <summary>The count of a session of that account; null when it is not known or too old.</summary>
    public uint? Find(string id, BareJid account)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(id, out var entry) && entry.Account.Equals(account) && time.GetUtcNow() - entry.Since < options.Geriatric ? entry.Handled : null;
        }
    }

    private void Forget() => _entries.Remove(_byAge.Dequeue().Id);

    private readonly record struct Entry(BareJid Account, uint Handled, DateTimeOffset Since);
}
