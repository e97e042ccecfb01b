using System.Collections.Concurrent;
using System.Globalization;
using Meerkat.Core.Placement;
using Meerkat.Xml;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Core.Tests.Placement;

/// <summary>The single writer of a key on one node (architecture §6).</summary>
public sealed class LocalPlacementTests
{
    private static readonly PlacementCodec<int> s_number = new(
        value => new XmlBuilder("n", "test").Text(value.ToString(CultureInfo.InvariantCulture)).Build(),
        element => int.Parse(element.Text, CultureInfo.InvariantCulture));

    private readonly LocalPlacement _placement = new(new FakeTimeProvider(), NullLoggerFactory.Instance);
    private readonly ConcurrentQueue<TestWriter> _writers = new();

    [Fact]
    public async Task A_command_to_an_idle_writer_completes_synchronously()
    {
        var places = Open();
        var asking = places.AskAsync("a", 1, TestContext.Current.CancellationToken);
        Assert.True(asking.IsCompletedSuccessfully);
        Assert.Equal(1, await asking);
    }

    [Fact]
    public async Task Commands_of_one_key_run_one_at_a_time_and_in_order()
    {
        var places = Open();
        var first = places.AskAsync("a", -1, TestContext.Current.CancellationToken);
        var writer = _writers.Single();
        Assert.False(first.IsCompleted);
        var rest = Enumerable.Range(1, 500).Select(n => places.AskAsync("a", n, TestContext.Current.CancellationToken).AsTask()).ToArray();
        var other = places.AskAsync("b", 7, TestContext.Current.CancellationToken);
        Assert.True(other.IsCompletedSuccessfully); // another key does not wait
        writer.Gate.SetResult();
        await first;
        await Task.WhenAll(rest);
        Assert.Equal([-1, .. Enumerable.Range(1, 500)], writer.Handled);
        Assert.False(writer.Overlapped);
    }

    [Fact]
    public async Task Many_threads_never_meet_in_a_writer()
    {
        var places = Open();
        await Parallel.ForAsync(0, 20_000, TestContext.Current.CancellationToken, async (n, ct) => await places.AskAsync((n % 3).ToString(CultureInfo.InvariantCulture), n + 1, ct));
        Assert.Equal(20_000, _writers.Sum(writer => writer.Handled.Count));
        Assert.DoesNotContain(_writers, writer => writer.Overlapped);
    }

    [Fact]
    public async Task A_full_inbox_refuses_and_says_so()
    {
        var places = Open(maxWaiting: 2);
        var first = places.AskAsync("a", -1, TestContext.Current.CancellationToken);
        var second = places.AskAsync("a", 1, TestContext.Current.CancellationToken);
        Assert.True(places.TryPost("a", 2));
        Assert.False(places.TryPost("a", 3));
        await Assert.ThrowsAsync<PlacementBusyException>(async () => await places.AskAsync("a", 4, TestContext.Current.CancellationToken));
        _writers.Single().Gate.SetResult();
        await first;
        await second;
    }

    [Fact]
    public async Task A_writer_that_is_done_is_forgotten_and_the_next_one_has_a_higher_epoch()
    {
        var places = Open();
        await places.AskAsync("a", 1, TestContext.Current.CancellationToken);
        Assert.Equal(1, places.Count);
        Assert.True(places.IsLocal("a"));
        await places.AskAsync("a", 0, TestContext.Current.CancellationToken); // 0 ends it
        Assert.Equal(0, places.Count);
        Assert.False(places.IsLocal("a"));
        await places.AskAsync("a", 1, TestContext.Current.CancellationToken);
        var epochs = _writers.Select(writer => writer.Placed.Epoch).ToArray();
        Assert.Equal(2, epochs.Length);
        Assert.True(epochs[1] > epochs[0]);
    }

    [Fact]
    public async Task Writers_that_come_and_go_under_load_lose_no_command()
    {
        var places = Open();
        await Parallel.ForAsync(0, 20_000, TestContext.Current.CancellationToken, async (n, ct) => await places.AskAsync("a", n % 2, ct));
        Assert.Equal(20_000, _writers.Sum(writer => writer.Handled.Count));
    }

    [Fact]
    public async Task A_failure_is_the_askers_and_the_next_command_is_served()
    {
        var places = Open();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await places.AskAsync("a", -2, TestContext.Current.CancellationToken));
        Assert.Equal(5, await places.AskAsync("a", 5, TestContext.Current.CancellationToken));
        Assert.True(places.TryPost("a", -2)); // logged
        Assert.Equal(6, await places.AskAsync("a", 6, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_does_not_cut_the_command_short()
    {
        var places = Open();
        using var leaving = new CancellationTokenSource();
        var asking = places.AskAsync("a", -1, leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        var next = places.AskAsync("a", 2, TestContext.Current.CancellationToken);
        Assert.False(next.IsCompleted); // it is at work still
        _writers.Single().Gate.SetResult();
        await next;
        Assert.Equal([-1, 2], _writers.Single().Finished);
    }

    [Fact]
    public async Task A_command_to_a_writer_that_cannot_be_made_is_the_askers_failure_and_nobodys_who_posts()
    {
        var places = _placement.Open(new PlacementKind<int, int>("test", s_number, s_number), _ => throw new InvalidOperationException());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await places.AskAsync("a", 1, TestContext.Current.CancellationToken));
        Assert.True(places.TryPost("a", 1)); // logged: who posts may be a timer
        Assert.Equal(0, places.Count);
    }

    [Fact]
    public async Task Commands_and_replies_take_the_way_through_their_codecs_where_a_test_wants_it()
    {
        var carried = 0;
        var codec = new PlacementCodec<int>(
            value =>
            {
                carried++;
                return s_number.Encode(value);
            },
            s_number.Decode);
        _placement.Carries = true;
        var places = _placement.Open(new PlacementKind<int, int>("test", codec, codec), Activate);
        Assert.Equal(3, await places.AskAsync("a", 3, TestContext.Current.CancellationToken));
        Assert.Equal(2, carried);
    }

    [Fact]
    public void A_kind_is_opened_once()
    {
        Open();
        Assert.Throws<InvalidOperationException>(() => Open());
    }

    private IPlaces<int, int> Open(int maxWaiting = 4096) =>
        _placement.Open(new PlacementKind<int, int>("test", s_number, s_number) { MaxWaiting = maxWaiting }, Activate);

    private TestWriter Activate(Placed placed)
    {
        var writer = new TestWriter(placed);
        _writers.Enqueue(writer);
        return writer;
    }
}
