using Meerkat.Xmpp;

namespace Meerkat.Modules.SmartMarkers;

/// <summary>What <c>mod_smart_markers</c> tells other modules. Safe for concurrent use.</summary>
public interface ISmartMarkers
{
    /// <summary>Markers of everybody to an account or a room, those that wait to be written too; see <see cref="ISmartMarkerStore.FindAllAsync"/>.</summary>
    ValueTask<IReadOnlyList<SmartMarker>> FindAllAsync(BareJid to, string? thread, long since, CancellationToken ct);
}
