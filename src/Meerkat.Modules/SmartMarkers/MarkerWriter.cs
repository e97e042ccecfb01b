using System.Diagnostics.CodeAnalysis;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.SmartMarkers;

/// <summary>Writes markers behind their messages (<c>rdbms_async</c>, SMK-006): of several that wait for one sender, addressee, thread and kind the last is written.</summary>
/// <remarks>Lanes work side by side, an account's markers are always in the same one. What waits is bounded by the conversations, of which each has one entry. Safe for concurrent use.</remarks>
internal sealed class MarkerWriter
{
    private readonly ISmartMarkerStore _store;
    private readonly ILogger _log;
    private readonly Lane[] _lanes;

    public MarkerWriter(ISmartMarkerStore store, int lanes, ILogger log)
    {
        _store = store;
        _log = log;
        _lanes = new Lane[lanes];
        for (var i = 0; i < lanes; i++)
        {
            _lanes[i] = new Lane(this);
        }
    }

    public void Add(IReadOnlyList<SmartMarker> markers) => _lanes[(uint)markers[0].From.GetHashCode() % (uint)_lanes.Length].Add(markers);

    public Task FlushAsync() => Task.WhenAll(_lanes.Select(lane => lane.FlushAsync()));

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: logged.")]
    private async Task WriteAsync(IReadOnlyList<SmartMarker> markers)
    {
        try
        {
            await _store.SetAsync(markers, CancellationToken.None);
        }
        catch (Exception failure)
        {
            SmartMarkersLog.NotWritten(_log, failure, markers.Count);
        }
    }

    private sealed class Lane(MarkerWriter writer)
    {
        private readonly Lock _gate = new();
        private Dictionary<(BareJid, BareJid, string, MarkerType), SmartMarker> _waiting = [];
        private Task _running = Task.CompletedTask;

        public void Add(IReadOnlyList<SmartMarker> markers)
        {
            lock (_gate)
            {
                foreach (var marker in markers)
                {
                    _waiting[(marker.From, marker.To, marker.Thread, marker.Type)] = marker;
                }

                if (_running.IsCompleted)
                {
                    _running = Task.Run(RunAsync);
                }
            }
        }

        public Task FlushAsync()
        {
            lock (_gate)
            {
                return _running;
            }
        }

        private async Task RunAsync()
        {
            while (true)
            {
                IReadOnlyList<SmartMarker> markers;
                lock (_gate)
                {
                    if (_waiting.Count == 0)
                    {
                        _running = Task.CompletedTask;
                        return;
                    }

                    markers = [.. _waiting.Values];
                    _waiting = [];
                }

                await writer.WriteAsync(markers);
            }
        }
    }
}

internal static partial class SmartMarkersLog
{
    [LoggerMessage(LogLevel.Error, "{Count} chat markers could not be written")]
    public static partial void NotWritten(ILogger logger, Exception failure, int count);
}
