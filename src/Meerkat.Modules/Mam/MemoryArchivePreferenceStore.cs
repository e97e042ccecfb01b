using System.Collections.Concurrent;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>The reference implementation of <see cref="IArchivePreferenceStore"/>, in memory.</summary>
public sealed class MemoryArchivePreferenceStore : IRoomArchivePreferenceStore
{
    private readonly ConcurrentDictionary<BareJid, ArchivePreferences> _preferences = new();

    /// <inheritdoc/>
    public ValueTask<ArchivePreferences?> GetAsync(BareJid owner, CancellationToken ct) => new(_preferences.GetValueOrDefault(owner));

    /// <inheritdoc/>
    public ValueTask SetAsync(BareJid owner, ArchivePreferences preferences, CancellationToken ct)
    {
        _preferences[owner] = preferences;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(BareJid owner, CancellationToken ct)
    {
        _preferences.TryRemove(owner, out _);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        foreach (var owner in _preferences.Keys.Where(owner => owner.Domain == domain))
        {
            _preferences.TryRemove(owner, out _);
        }

        return ValueTask.CompletedTask;
    }
}
