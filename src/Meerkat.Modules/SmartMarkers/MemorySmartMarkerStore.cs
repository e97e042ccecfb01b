using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.SmartMarkers;

/// <summary>The reference implementation of <see cref="ISmartMarkerStore"/>, in memory.</summary>
public sealed class MemorySmartMarkerStore : ISmartMarkerStore
{
    private readonly ConcurrentDictionary<(BareJid From, BareJid To, string Thread, MarkerType Type), SmartMarker> _markers = new();

    /// <inheritdoc/>
    public ValueTask SetAsync(IReadOnlyList<SmartMarker> markers, CancellationToken ct)
    {
        foreach (var marker in markers)
        {
            _markers[(marker.From, marker.To, marker.Thread, marker.Type)] = marker;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SmartMarker>> FindAsync(BareJid from, BareJid to, string? thread, long since, CancellationToken ct) =>
        new(Find(marker => marker.From.Equals(from) && marker.To.Equals(to), thread, since));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SmartMarker>> FindAllAsync(BareJid to, string? thread, long since, CancellationToken ct) =>
        new(Find(marker => marker.To.Equals(to), thread, since));

    /// <inheritdoc/>
    public ValueTask RemoveAsync(BareJid from, BareJid to, CancellationToken ct) => Remove(marker => marker.From.Equals(from) && marker.To.Equals(to));

    /// <inheritdoc/>
    public ValueTask RemoveAllAsync(BareJid to, CancellationToken ct) => Remove(marker => marker.To.Equals(to));

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => Remove(marker => marker.From.Equals(account));

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => Remove(marker => marker.From.Domain == domain);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        if (Find(marker => marker.From.Equals(account), null, 0) is { Count: > 0 } markers)
        {
            yield return SmartMarkerExport.Section(markers);
        }
    }

    private IReadOnlyList<SmartMarker> Find(Func<SmartMarker, bool> matches, string? thread, long since) =>
        [.. _markers.Values.Where(marker => matches(marker) && (thread is null || marker.Thread == thread) && marker.Timestamp >= since).OrderBy(marker => marker.Timestamp)];

    private ValueTask Remove(Func<SmartMarker, bool> matches)
    {
        foreach (var (key, marker) in _markers)
        {
            if (matches(marker))
            {
                _markers.TryRemove(key, out _);
            }
        }

        return ValueTask.CompletedTask;
    }
}
