using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Meerkat.Admin.Monitoring;

/// <summary>Reads the server's own instruments: counts what some of them count, and asks those that tell what waits.</summary>
/// <remarks>Costs the ones who count a call each, as long as it lives. Counting is safe for concurrent use; <see cref="Waiting"/> is for one caller.</remarks>
internal sealed class Meters : IDisposable
{
    private const string Depth = ".waiting";

    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, int> _depths = new(StringComparer.Ordinal);

    /// <summary>Begins to count.</summary>
    public Meters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!instrument.Meter.Name.StartsWith("Meerkat", StringComparison.Ordinal))
            {
                return;
            }

            if (CounterOf(instrument.Name) is { } counter)
            {
                listener.EnableMeasurementEvents(instrument, counter);
            }
            else if (instrument.IsObservable && instrument.Name.EndsWith(Depth, StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument, instrument.Name[..^Depth.Length]);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Take);
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, state) => Take(instrument, value, tags, state));
        _listener.Start();
    }

    /// <summary>Stanzas from clients.</summary>
    public StrongBox<long> Received { get; } = new();

    /// <summary>Stanzas to clients.</summary>
    public StrongBox<long> Sent { get; } = new();

    /// <summary>Messages handed to sessions.</summary>
    public StrongBox<long> Messages { get; } = new();

    /// <summary>Messages written into archives.</summary>
    public StrongBox<long> Archived { get; } = new();

    /// <summary>Log-ins.</summary>
    public StrongBox<long> LogIns { get; } = new();

    /// <summary>Log-ins that failed.</summary>
    public StrongBox<long> LogInFailures { get; } = new();

    /// <summary>Stream errors.</summary>
    public StrongBox<long> StreamErrors { get; } = new();

    /// <summary>What waits now, by the names of the instruments: what several tell under one name is summed.</summary>
    public IReadOnlyDictionary<string, int> Waiting()
    {
        _depths.Clear();
        _listener.RecordObservableInstruments();
        return _depths;
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private StrongBox<long>? CounterOf(string instrument) => instrument switch
    {
        "meerkat.stanzas.received" => Received,
        "meerkat.stanzas.sent" => Sent,
        "meerkat.messages.delivered" => Messages,
        "meerkat.mam.archived" => Archived,
        "meerkat.authentications" => LogIns,
        "meerkat.stream_errors" => StreamErrors,
        _ => null,
    };

    private void Take(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (state is StrongBox<long> counter)
        {
            Interlocked.Add(ref (counter == LogIns && HasFailed(tags) ? LogInFailures : counter).Value, value);
        }
        else if (state is string name)
        {
            _depths[name] = _depths.GetValueOrDefault(name) + (int)value;
        }
    }

    private static bool HasFailed(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (key, value) in tags)
        {
            if (key == "outcome")
            {
                return value is "failure";
            }
        }

        return false;
    }
}
