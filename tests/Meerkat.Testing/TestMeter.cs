using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Meerkat.Testing;

/// <summary>Adds up what the process measures while it is there. Metrics are the whole process's: a test that uses it runs alone (<c>DisableParallelization</c>) or looks at its own tags only.</summary>
public sealed class TestMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Name, string Tags), (long Count, double Sum)> _measured = new();

    /// <summary>Listens to every instrument of ours.</summary>
    public TestMeter()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Meerkat", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>How many times an instrument measured.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tag">A tag's value that it must have had; null for any.</param>
    public long Count(string name, string? tag = null) => Of(name, tag).Sum(static measured => measured.Count);

    /// <summary>The sum of what an instrument measured.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tag">A tag's value that it must have had; null for any.</param>
    public double Sum(string name, string? tag = null) => Of(name, tag).Sum(static measured => measured.Sum);

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private IEnumerable<(long Count, double Sum)> Of(string name, string? tag) =>
        _measured.Where(entry => entry.Key.Name == name && (tag is null || entry.Key.Tags.Split('\n').Contains(tag))).Select(static entry => entry.Value);

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var values = new List<string>();
        foreach (var tag in tags)
        {
            values.Add(tag.Value?.ToString() ?? "");
        }

        _measured.AddOrUpdate((instrument.Name, string.Join('\n', values)), (1, value), (_, known) => (known.Count + 1, known.Sum + value));
    }
}
