using Meerkat.Cluster.Orleans.Membership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Cluster.Orleans.Tests.Membership;

/// <summary>A node goes by what it knows of the others only while it has heard of itself lately (architecture §6: a node that was suspended and comes back).</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(3);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task It_holds_from_the_beginning_of_the_question_not_from_the_answer()
    {
        var lease = new Lease(Length, _time, () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1)); // the table is slow
            return Task.FromResult(OwnState.Member);
        }, NullLogger.Instance);
        Assert.False(lease.Holds);
        await lease.ConfirmAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.True(lease.Holds);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(lease.Holds);
    }

    [Theory]
    [InlineData((int)OwnState.NoMember)]
    [InlineData((int)OwnState.GivenUp)]
    public async Task Whoever_is_no_member_holds_none(int other)
    {
        var state = OwnState.Member;
        var lease = new Lease(Length, _time, () => Task.FromResult(state), NullLogger.Instance);
        await lease.ConfirmAsync(CancellationToken.None);
        Assert.True(lease.Holds);
        state = (OwnState)other;
        await lease.ConfirmAsync(CancellationToken.None);
        Assert.False(lease.Holds);
    }

    [Fact]
    public async Task It_is_asked_for_again_in_time_and_a_table_that_fails_is_asked_again()
    {
        var asked = 0;
        var fails = false;
        var lease = new Lease(Length, _time, () =>
        {
            asked++;
            return fails ? Task.FromException<OwnState>(new IOException("gone")) : Task.FromResult(OwnState.Member);
        }, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = lease.RunAsync(stop.Token);
        await AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.True(lease.Holds);
        fails = true;
        await AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.False(lease.Holds);
        fails = false;
        await AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.True(lease.Holds);
        Assert.True(asked > 10);
        await stop.CancelAsync();
        Assert.False(await running);
    }

    [Fact]
    public async Task Who_was_given_up_is_told_and_who_leaves_holds_none()
    {
        var lease = new Lease(Length, _time, () => Task.FromResult(OwnState.GivenUp), NullLogger.Instance);
        Assert.True(await lease.RunAsync(CancellationToken.None));

        var leaving = new Lease(Length, _time, () => Task.FromResult(OwnState.Member), NullLogger.Instance);
        await leaving.ConfirmAsync(CancellationToken.None);
        leaving.End();
        Assert.False(leaving.Holds);
    }

    // In small steps: each wait of the loop is set when the one before has ended.
    private async Task AdvanceAsync(TimeSpan by)
    {
        for (var passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromMilliseconds(250))
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            for (var i = 0; i < 50; i++)
            {
                await Task.Yield();
            }
        }
    }
}
