namespace Meerkat.Core.Shaping;

/// <summary>A shaper at run time: a bucket of tokens that starts full, holds one second's worth, and refills evenly (CORE-256).</summary>
/// <remarks>
/// <para>One token is one byte on a stream (CORE-015), one operation where a module counts those. What is taken is never refused by <see cref="Take"/>: the bucket goes into
/// debt and says how long to wait, so that data already read is processed and only the next read is delayed.</para>
/// <para>Safe for concurrent use.</para>
/// </remarks>
public sealed class TokenBucket
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly double _rate;
    private double _tokens;
    private long _asOf;

    /// <summary>Makes a full bucket.</summary>
    /// <param name="rate">Tokens a second, and the capacity; at least 1.</param>
    /// <param name="time">The clock.</param>
    public TokenBucket(int rate, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1);
        _rate = rate;
        _tokens = rate;
        _time = time;
        _asOf = time.GetTimestamp();
    }

    /// <summary>Takes tokens, going into debt if there are too few.</summary>
    /// <param name="count">How many; not negative.</param>
    /// <returns>How long to wait until the debt is paid; zero when there is none.</returns>
    public TimeSpan Take(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        lock (_gate)
        {
            Refill();
            _tokens -= count;
            return DebtTime(_tokens);
        }
    }

    /// <summary>Takes tokens unless the wait would be too long; then nothing is taken.</summary>
    /// <param name="count">How many; not negative.</param>
    /// <param name="longest">The longest wait that the caller can afford.</param>
    /// <param name="wait">How long to wait; when refused, how long it would have been.</param>
    /// <returns>False when refused: the caller fails the operation (CORE-256).</returns>
    public bool TryTake(long count, TimeSpan longest, out TimeSpan wait)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        lock (_gate)
        {
            Refill();
            wait = DebtTime(_tokens - count);
            if (wait > longest)
            {
                return false;
            }

            _tokens -= count;
            return true;
        }
    }

    private void Refill()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(_rate, _tokens + (_time.GetElapsedTime(_asOf, now).TotalSeconds * _rate));
        _asOf = now;
    }

    // Rounded up to a millisecond: a timer that fires early would find the bucket still in debt.
    private TimeSpan DebtTime(double tokens) =>
        tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(-tokens / _rate * 1000), int.MaxValue));
}
