namespace Meerkat.Storage.Cassandra.Connections;

/// <summary>Time stamps of writes: microseconds since 1970 that rise from call to call, so that of two writes of this process the later one wins. Safe for concurrent use.</summary>
/// <param name="time">The clock.</param>
internal sealed class WriteClock(TimeProvider time)
{
    private long _last;

    /// <summary>The next one.</summary>
    public long Next()
    {
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(last + 1, time.GetUtcNow().Subtract(DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return next;
            }
        }
    }
}
