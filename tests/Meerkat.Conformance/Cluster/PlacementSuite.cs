using System.Collections.Concurrent;
using System.Globalization;
using Meerkat.Core.Placement;
using Meerkat.Xml;
using Xunit;

namespace Meerkat.Conformance.Cluster;

/// <summary>What every placement of single writers does, on one node and on several (architecture §6).</summary>
public abstract class PlacementSuite : IAsyncLifetime
{
    private const int Failing = -1;
    private const int Waiting = -2;
    private const int Last = 0;

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly PlacementCodec<int> s_number = new(
        value => new XmlBuilder("n", "test").Text(value.ToString(CultureInfo.InvariantCulture)).Build(),
        element => int.Parse(element.Text, CultureInfo.InvariantCulture));

    private readonly ConcurrentQueue<Writer> _writers = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IPlaces<int, int>[] _nodes = [];

    public async ValueTask InitializeAsync() => _nodes = [.. (await StartAsync()).Select(placement => placement.Open(new PlacementKind<int, int>("test", s_number, s_number) { MaxWaiting = 20 }, Activate))];

    public async ValueTask DisposeAsync()
    {
        _gate.TrySetResult();
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_key_has_one_writer_whoever_asks_and_its_commands_run_one_at_a_time()
    {
        await Parallel.ForAsync(0, 600, new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (n, ct) => Assert.Equal(n + 1, await _nodes[n % _nodes.Length].AskAsync($"{n / _nodes.Length % 20}", n + 1, ct)));
        Assert.Equal(20, _writers.Count);
        Assert.DoesNotContain(_writers, writer => writer.Overlapped);
        Assert.Equal(Enumerable.Range(1, 600), _writers.SelectMany(writer => writer.Handled).Order());
        Assert.Equal(20, _nodes.Sum(node => node.Count));
        Assert.All(_writers, writer => Assert.Single(_nodes, node => node.IsLocal(writer.Key)));
        foreach (var node in _nodes)
        {
            Assert.Equal(Enumerable.Range(0, 20).Select(n => $"{n}").Order(), (await node.AllAsync(None)).Order());
        }
    }

    [Fact]
    public async Task Commands_of_one_node_to_a_writer_that_is_there_keep_their_order()
    {
        Assert.Equal(1, await _nodes[0].AskAsync("a", 1, None));
        foreach (var (number, node) in _nodes.Index())
        {
            var asked = Enumerable.Range(1, 20).Select(async n => await node.AskAsync("a", (number * 100) + n, None)).ToArray();
            await Task.WhenAll(asked);
        }

        Assert.Equal([1, .. _nodes.SelectMany((_, number) => Enumerable.Range(1, 20).Select(n => (number * 100) + n))], Assert.Single(_writers).Handled);
    }

    [Fact]
    public async Task Commands_of_one_node_to_a_key_that_has_no_writer_yet_keep_their_order()
    {
        for (var round = 0; round < 12; round++)
        {
            var node = _nodes[round % _nodes.Length];
            await Task.WhenAll(Enumerable.Range(1, 20).Select(async n => await node.AskAsync($"{round}", n, None)).ToArray());
        }

        Assert.Equal(12, _writers.Count);
        Assert.All(_writers, writer => Assert.Equal(Enumerable.Range(1, 20), writer.Handled));
    }

    [Fact]
    public async Task A_writer_that_is_done_is_forgotten_by_all_and_the_next_one_has_the_greater_epoch()
    {
        for (var round = 0; round < 6; round++)
        {
            Assert.Equal(Last, await _nodes[round % _nodes.Length].AskAsync("a", Last, None));
        }

        Assert.Equal(6, _writers.Count);
        Assert.Equal(_writers.Select(writer => writer.Epoch).Distinct().Order(), _writers.Select(writer => writer.Epoch));
        Assert.Equal(0, _nodes.Sum(node => node.Count));
        Assert.Empty(await _nodes[^1].AllAsync(None));
    }

    [Fact]
    public async Task What_a_writer_throws_is_the_asker_s_and_the_next_command_is_served()
    {
        foreach (var node in _nodes)
        {
            await Assert.ThrowsAnyAsync<Exception>(async () => await node.AskAsync("a", Failing, None));
            Assert.True(node.TryPost("a", Failing)); // nobody hears of it
            Assert.Equal(5, await node.AskAsync("a", 5, None));
        }

        Assert.Single(_writers);
    }

    [Fact]
    public async Task A_full_inbox_refuses_and_says_so_to_all()
    {
        await _nodes[^1].AskAsync("a", 1, None);
        var first = _nodes[0].AskAsync("a", Waiting, None).AsTask();
        await _writers.Single().Reached.Task.WaitAsync(s_patience);
        var asked = _nodes.SelectMany(node => Enumerable.Range(0, 25).Select(async _ => await node.AskAsync("a", 1, None))).ToList();
        while (asked.Count > 20)
        {
            var refused = await Task.WhenAny(asked).WaitAsync(s_patience);
            await Assert.ThrowsAsync<PlacementBusyException>(() => refused);
            asked.Remove(refused);
        }

        Assert.False(first.IsCompleted);
        _gate.SetResult();
        await Task.WhenAll([first, .. asked]).WaitAsync(s_patience);
        Assert.Equal(22, Assert.Single(_writers).Handled.Count);
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_does_not_cut_the_command_short()
    {
        var key = "a";
        await _nodes[^1].AskAsync(key, 1, None);
        using var leaving = new CancellationTokenSource();
        var asking = _nodes[0].AskAsync(key, Waiting, leaving.Token).AsTask();
        await _writers.Single().Reached.Task.WaitAsync(s_patience);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        _gate.SetResult();
        await _nodes[^1].AskAsync(key, 2, None);
        Assert.Equal([1, Waiting, 2], _writers.Single().Handled);
    }

    /// <summary>Starts the nodes: one, or several.</summary>
    protected abstract ValueTask<IReadOnlyList<IPlacement>> StartAsync();

    protected abstract ValueTask StopAsync();

    private Writer Activate(Placed placed)
    {
        var writer = new Writer(placed, _gate.Task);
        _writers.Enqueue(writer);
        return writer;
    }

    private sealed class Writer(Placed placed, Task gate) : IPlacedWriter<int, int>
    {
        private int _inside;

        public string Key => placed.Key;

        public long Epoch => placed.Epoch;

        public List<int> Handled { get; } = [];

        public bool Overlapped { get; private set; }

        public bool IsDone { get; private set; }

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<int> HandleAsync(int command, CancellationToken ct)
        {
            Overlapped |= Interlocked.Increment(ref _inside) != 1;
            try
            {
                IsDone = command == Last;
                if (command == Waiting)
                {
                    Reached.TrySetResult();
                    await gate;
                }
                else if (command == Failing)
                {
                    throw new InvalidOperationException("as it was told");
                }

                await Task.Yield();
                Handled.Add(command);
                return command;
            }
            finally
            {
                Interlocked.Decrement(ref _inside);
            }
        }
    }
}
