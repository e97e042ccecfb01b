using Meerkat.Core.Shaping;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Core.Tests.Shaping;

/// <summary>CORE-256, CORE-015.</summary>
public sealed class TokenBucketTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void It_starts_full_so_that_one_seconds_worth_passes_at_once()
    {
        var bucket = new TokenBucket(1000, _time);
        Assert.Equal(TimeSpan.Zero, bucket.Take(1000));
        Assert.Equal(TimeSpan.FromMilliseconds(1), bucket.Take(1));
    }

    [Fact]
    public void The_wait_is_the_debt_at_the_rate()
    {
        var bucket = new TokenBucket(1000, _time);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), bucket.Take(2500));
    }

    [Fact]
    public void After_the_wait_it_is_said_to_be_paid()
    {
        var bucket = new TokenBucket(1000, _time);
        _time.Advance(bucket.Take(2500));
        Assert.Equal(TimeSpan.Zero, bucket.Take(0));
        Assert.Equal(TimeSpan.FromMilliseconds(100), bucket.Take(100));
    }

    [Fact]
    public void It_never_holds_more_than_its_capacity()
    {
        var bucket = new TokenBucket(1000, _time);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromMilliseconds(500), bucket.Take(1500));
    }

    [Fact]
    public void A_wait_that_is_too_long_is_refused_and_takes_nothing()
    {
        var bucket = new TokenBucket(10, _time);
        Assert.False(bucket.TryTake(40, TimeSpan.FromSeconds(2), out var wait));
        Assert.Equal(TimeSpan.FromSeconds(3), wait);
        Assert.True(bucket.TryTake(10, TimeSpan.Zero, out wait));
        Assert.Equal(TimeSpan.Zero, wait);
    }

    [Fact]
    public void Over_a_long_time_the_rate_is_kept_however_it_is_cut()
    {
        var random = new Random(7);
        var bucket = new TokenBucket(5000, _time);
        var start = _time.GetUtcNow();
        long taken = 0;
        while (taken < 500_000)
        {
            var n = random.Next(1, 4000);
            taken += n;
            _time.Advance(bucket.Take(n));
        }

        // The first second's worth is free; each wait is rounded up by less than a millisecond.
        var expected = TimeSpan.FromSeconds((taken - 5000) / 5000.0);
        Assert.InRange((_time.GetUtcNow() - start) - expected, TimeSpan.FromMilliseconds(-1), TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_rate_below_one_is_refused(int rate) => Assert.Throws<ArgumentOutOfRangeException>(() => new TokenBucket(rate, _time));

    [Fact]
    public void A_debt_beyond_all_timers_is_still_a_wait_that_a_timer_takes() =>
        Assert.Equal(TimeSpan.FromMilliseconds(int.MaxValue), new TokenBucket(1, _time).Take(long.MaxValue));
}
