using System.Diagnostics.CodeAnalysis;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.SmartMarkers;

/// <summary>Writes markers behind their messages (<c>rdbms_async</c>, SMK-006): of several that wait for one sender, addressee, thread and kind the last is written. An account's markers are always in
/// the same lane.</summary>
internal sealed class MarkerWriter(ISmartMarkerStore store, int lanes, ILogger log) : MergingWriter<(BareJid From, BareJid To, string Thread, MarkerType Type), SmartMarker>(lanes)
{
    /// <inheritdoc/>
    protected override string TraceName => "marker write";

    protected override (BareJid From, BareJid To, string Thread, MarkerType Type) KeyOf(SmartMarker change) => (change.From, change.To, change.Thread, change.Type);

    protected override int LaneHash(SmartMarker change) => change.From.GetHashCode();

    protected override bool TryMerge(SmartMarker waiting, SmartMarker then, out SmartMarker merged)
    {
        merged = then;
        return true;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: logged.")]
    protected override async Task WriteAsync(IReadOnlyList<SmartMarker> batch)
    {
        try
        {
            await store.SetAsync(batch, CancellationToken.None);
        }
        catch (Exception failure)
        {
            SmartMarkersLog.NotWritten(log, failure, batch.Count);
        }
    }
}

internal static partial class SmartMarkersLog
{
    [LoggerMessage(LogLevel.Error, "{Count} chat markers could not be written")]
    public static partial void NotWritten(ILogger logger, Exception failure, int count);
}
