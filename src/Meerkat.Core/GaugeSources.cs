using System.Diagnostics.Metrics;

namespace Meerkat.Core;

/// <summary>What a gauge asks when it is read: things that come and go, held weakly, so that who forgets to take itself out is forgotten too. Safe for concurrent use.</summary>
/// <typeparam name="T">Their type.</typeparam>
public sealed class GaugeSources<T>
    where T : class
{
    private readonly Lock _gate = new();
    private readonly List<WeakReference<T>> _sources = [];

    /// <summary>Asks it too, from now on.</summary>
    public void Add(T source)
    {
        lock (_gate)
        {
            _sources.RemoveAll(known => !known.TryGetTarget(out _));
            _sources.Add(new WeakReference<T>(source));
        }
    }

    /// <summary>Asks it no longer.</summary>
    public void Remove(T source)
    {
        lock (_gate)
        {
            _sources.RemoveAll(known => !known.TryGetTarget(out var target) || ReferenceEquals(target, source));
        }
    }

    /// <summary>What there is to be told: the sum of what those with the same tag say.</summary>
    /// <param name="tag">The name of the tag; null for none.</param>
    /// <param name="label">The value of the tag.</param>
    /// <param name="value">What one of them says.</param>
    public IEnumerable<Measurement<long>> Sum(string? tag, Func<T, string> label, Func<T, long> value)
    {
        List<T> alive = [];
        lock (_gate)
        {
            foreach (var known in _sources)
            {
                if (known.TryGetTarget(out var source))
                {
                    alive.Add(source);
                }
            }
        }

        return alive.GroupBy(label).Select(same => tag is null
            ? new Measurement<long>(same.Sum(value))
            : new Measurement<long>(same.Sum(value), new KeyValuePair<string, object?>(tag, same.Key)));
    }
}
