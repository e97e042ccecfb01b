namespace Meerkat.Modules.Registration;

/// <summary>Who has tried to register lately: one attempt for each source in a window (AUTH-138). Of this node only.</summary>
/// <remarks>
/// Safe for concurrent use. It remembers so many sources and no more: who has enough addresses to drive out older ones gains one attempt for each of them,
/// whereas refusing newcomers would let him shut everybody out.
/// </remarks>
/// <param name="window">How long a source waits; null lets everybody pass.</param>
/// <param name="time">The clock.</param>
/// <param name="capacity">How many sources are remembered.</param>
internal sealed class RegistrationThrottle(TimeSpan? window, TimeProvider time, int capacity = 50_000)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Queue<(string Source, long At)> _attempts = new(); // oldest first: every attempt has the same window

    /// <summary>Notes an attempt, whatever becomes of it.</summary>
    /// <returns>False when the source has tried before, in the window; that does not make the window longer.</returns>
    public bool TryBegin(string source)
    {
        if (window is not { } length)
        {
            return true;
        }

        var now = time.GetTimestamp();
        lock (_gate)
        {
            while (_attempts.TryPeek(out var oldest) && (time.GetElapsedTime(oldest.At, now) >= length || _attempts.Count >= capacity))
            {
                _attempts.Dequeue();
                _known.Remove(oldest.Source);
            }

            if (!_known.Add(source))
            {
                return false;
            }

            _attempts.Enqueue((source, now));
            return true;
        }
    }
}
