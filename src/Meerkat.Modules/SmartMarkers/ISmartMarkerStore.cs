using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.SmartMarkers;

/// <summary>What smart markers need kept: one marker for each sender, addressee, thread and kind.</summary>
/// <remarks>Safe for concurrent use. What somebody has sent is that account's data.</remarks>
public interface ISmartMarkerStore : IAccountData
{
    /// <summary>Sets markers, all or none: each replaces the one of its sender, addressee, thread and kind, whichever is older (SMK-001).</summary>
    ValueTask SetAsync(IReadOnlyList<SmartMarker> markers, CancellationToken ct);

    /// <summary>Markers of an account to an account or a room, in a thread.</summary>
    /// <param name="from">Who sent them.</param>
    /// <param name="to">To whom.</param>
    /// <param name="thread">The thread; empty for the main one, null for all.</param>
    /// <param name="since">Only those of this moment and later: microseconds since 1970.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <returns>In the order of their moments.</returns>
    ValueTask<IReadOnlyList<SmartMarker>> FindAsync(BareJid from, BareJid to, string? thread, long since, CancellationToken ct);

    /// <summary>Markers of everybody to an account or a room.</summary>
    /// <inheritdoc cref="FindAsync"/>
    ValueTask<IReadOnlyList<SmartMarker>> FindAllAsync(BareJid to, string? thread, long since, CancellationToken ct);

    /// <summary>Removes what an account has sent to a room.</summary>
    ValueTask RemoveAsync(BareJid from, BareJid to, CancellationToken ct);

    /// <summary>Removes what everybody has sent to a room.</summary>
    ValueTask RemoveAllAsync(BareJid to, CancellationToken ct);
}
