using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.SmartMarkers;

/// <summary>Markers as personal data: the same table from every store.</summary>
public static class SmartMarkerExport
{
    /// <summary>The table of some markers.</summary>
    public static PersonalDataSection Section(IEnumerable<SmartMarker> markers) => new(
        "smart_markers",
        ["to", "thread", "type", "message_id", "timestamp"],
        [.. markers.Select(marker => (IReadOnlyList<string>)[marker.To.ToString(), marker.Thread, SmartMarker.NameOf(marker.Type), marker.MessageId, XmppDateTime.Format(SmartMarkersModule.Moment(marker.Timestamp))])]);
}
