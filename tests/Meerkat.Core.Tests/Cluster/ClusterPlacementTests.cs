using System.Collections.Concurrent;
using System.Globalization;
using Meerkat.Core.Cluster;
using Meerkat.Core.Placement;
using Meerkat.Core.Storage;
using Meerkat.Core.Tests.Placement;
using Meerkat.Modules.Muc;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>The single writer of a key among several nodes (architecture §6).</summary>
public sealed class ClusterPlacementTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly PlacementCodec<int> s_number = new(
        value => new XmlBuilder("n", "test").Text(value.ToString(CultureInfo.InvariantCulture)).Build(),
        element => int.Parse(element.Text, CultureInfo.InvariantCulture));

    private readonly TestNetwork _network = new();
    private readonly List<Node> _nodes = [];
    private readonly ConcurrentQueue<TestWriter> _writers = new();
    private int _most = 4096;

    [Fact]
    public async Task A_key_has_one_writer_whoever_asks()
    {
        Join("one", "two", "three");
        await Parallel.ForAsync(0, 3000, async (n, ct) => Assert.Equal(n + 1, await _nodes[n % 3].Places.AskAsync($"{n / 3 % 50}", n + 1, ct)));
        Assert.Equal(50, _writers.Count);
        Assert.Equal(Enumerable.Range(1, 3000), _writers.SelectMany(writer => writer.Handled).Order());
        Assert.DoesNotContain(_writers, writer => writer.Overlapped);
        Assert.All(_nodes, node => Assert.InRange(node.Places.Count, 1, 40)); // each has its share
        Assert.Equal(50, _nodes.Sum(node => node.Places.Count));
        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"{n}").Order(), (await _nodes[1].Places.AllAsync(None)).Order());
    }

    [Fact]
    public async Task Commands_of_one_node_to_a_writer_on_another_keep_their_order_and_wait_for_each_other()
    {
        Join("one", "two");
        var key = await KeyAtAsync(1);
        var writer = _writers.Single(writer => writer.Placed.Key == key);
        var first = _nodes[0].Places.AskAsync(key, -1, None).AsTask();
        var rest = Enumerable.Range(1, 200).Select(n => _nodes[0].Places.AskAsync(key, n, None).AsTask()).ToArray();
        await writer.Reached.Task.WaitAsync(TimeSpan.FromSeconds(15));
        Assert.False(first.IsCompleted);
        writer.Gate.SetResult();
        await first;
        Assert.Equal(Enumerable.Range(1, 200), await Task.WhenAll(rest));
        Assert.Equal([9, -1, .. Enumerable.Range(1, 200)], writer.Handled);
    }

    [Fact] // nobody knows yet where the writer is to be
    public async Task Commands_of_one_node_keep_their_order_while_the_first_of_them_looks_for_a_writer()
    {
        Join("one", "two", "three");
        for (var round = 0; round < 20; round++)
        {
            var key = $"round{round}";
            var asking = _nodes[round % 3];
            asking.Place.HoldsLease = false; // no command goes anywhere
            var asked = Enumerable.Range(1, 100).Select(n => n % 10 == 0 ? PostAsync(asking, key, n) : asking.Places.AskAsync(key, n, None).AsTask()).ToArray();
            Assert.DoesNotContain(asked, task => task.IsCompleted && task.Result >= 0);
            asking.Place.HoldsLease = true;
            var rest = Enumerable.Range(101, 50).Select(n => asking.Places.AskAsync(key, n, None).AsTask());
            await Task.WhenAll([.. asked, .. rest]).WaitAsync(TimeSpan.FromSeconds(15));
            Assert.Equal(Enumerable.Range(1, 150), _writers.Single(writer => writer.Placed.Key == key).Handled);
        }
    }

    [Fact] // the node that knows where the writer is has to send each of them on
    public async Task Commands_of_one_node_to_a_writer_that_stayed_when_another_node_came_keep_their_order()
    {
        Join("one", "two");
        for (var n = 0; n < 30; n++)
        {
            await _nodes[0].Places.AskAsync($"{n}", 1000, None);
        }

        Join("three");
        for (var n = 0; n < 30; n++)
        {
            foreach (var node in _nodes)
            {
                await Task.WhenAll(Enumerable.Range(1, 50).Select(command => node.Places.AskAsync($"{n}", command, None).AsTask())).WaitAsync(TimeSpan.FromSeconds(15));
            }
        }

        Assert.Equal(30, _writers.Count);
        Assert.All(_writers, writer => Assert.Equal([1000, .. Enumerable.Range(1, 50), .. Enumerable.Range(1, 50), .. Enumerable.Range(1, 50)], writer.Handled));
    }

    [Fact]
    public async Task Commands_of_one_node_keep_their_order_when_the_writer_s_node_dies_under_them()
    {
        Join("one", "two", "three");
        var key = await KeyAtAsync(1);
        _network.Kill(_nodes[1].Place.Self);
        var asked = Enumerable.Range(1, 100).Select(n => _nodes[0].Places.AskAsync(key, n, None).AsTask()).ToArray();
        _network.Remove(_nodes[1].Place.Self);
        var rest = Enumerable.Range(101, 100).Select(n => _nodes[0].Places.AskAsync(key, n, None).AsTask()).ToArray();
        await Task.WhenAll([.. asked, .. rest]).WaitAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(Enumerable.Range(1, 200), _writers.Last(writer => writer.Placed.Key == key).Handled);
    }

    [Fact] // docs/cluster.md: what is sent to a room while its node stops in order goes to the room that follows it
    public async Task A_node_that_is_about_to_leave_makes_no_writer_and_what_comes_goes_to_the_one_that_follows()
    {
        Join("one", "two", "three");
        var kept = await KeyAtAsync(1);
        var gone = await KeyAtAsync(1, except: kept);
        _nodes[1].Placement.Close();
        Assert.Equal(5, await _nodes[0].Places.AskAsync(kept, 5, None)); // what is there goes on
        await _nodes[1].Places.AskAsync(gone, 0, None);
        var asked = new[] { 0, 2 }.SelectMany(node => Enumerable.Range(1, 10).Select(n => _nodes[node].Places.AskAsync(gone, n, None).AsTask())).ToArray();
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await _nodes[1].Places.AskAsync(gone, 1, None)); // its own commands have nowhere to go
        Assert.DoesNotContain(asked, task => task.IsCompleted);
        Assert.Equal(1, _nodes[1].Places.Count);
        await _nodes[1].Placement.SettleAsync(None);
        _network.Remove(_nodes[1].Place.Self);
        await Task.WhenAll(asked).WaitAsync(TimeSpan.FromSeconds(15));
        var next = _writers.Last(writer => writer.Placed.Key == gone);
        Assert.Equal(20, next.Handled.Count);
        Assert.Equal(Enumerable.Range(1, 10).SelectMany(n => new[] { n, n }), next.Handled.Order());
        Assert.Contains(_nodes, node => node != _nodes[1] && node.Places.IsLocal(gone));
    }

    [Fact]
    public async Task A_node_that_is_about_to_leave_waits_for_what_others_asked_of_it()
    {
        Join("one", "two");
        var key = await KeyAtAsync(1);
        var writer = _writers.Single(writer => writer.Placed.Key == key);
        var asked = _nodes[0].Places.AskAsync(key, -1, None).AsTask();
        await writer.Reached.Task.WaitAsync(TimeSpan.FromSeconds(15));
        _nodes[1].Placement.Close();
        var settling = _nodes[1].Placement.SettleAsync(None);
        Assert.False(settling.IsCompleted);
        writer.Gate.SetResult();
        await asked.WaitAsync(TimeSpan.FromSeconds(15));
        await settling.WaitAsync(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_node_that_comes_takes_no_writer_away()
    {
        Join("one", "two");
        for (var n = 0; n < 50; n++)
        {
            await _nodes[0].Places.AskAsync($"{n}", 1, None);
        }

        Join("three");
        for (var n = 0; n < 50; n++)
        {
            await _nodes[2].Places.AskAsync($"{n}", 2, None);
            await _nodes[n % 2].Places.AskAsync($"{n}", 3, None);
        }

        Assert.Equal(50, _writers.Count);
        Assert.All(_writers, writer => Assert.Equal([1, 2, 3], writer.Handled));
        Assert.Equal(0, _nodes[2].Places.Count);
        for (var n = 50; n < 100; n++)
        {
            await _nodes[0].Places.AskAsync($"{n}", 1, None);
        }

        Assert.InRange(_nodes[2].Places.Count, 1, 40); // but has its share of the new ones
    }

    [Fact]
    public async Task What_a_node_had_when_it_died_gets_new_writers_elsewhere_with_greater_epochs_and_an_older_one_writes_nothing()
    {
        Join("one", "two", "three");
        var key = await KeyAtAsync(1);
        var old = _writers.Single(writer => writer.Placed.Key == key);
        _network.Kill(_nodes[1].Place.Self);
        var asking = _nodes[0].Places.AskAsync(key, 2, None).AsTask();
        Assert.False(asking.IsCompleted);
        _network.Remove(_nodes[1].Place.Self);
        Assert.Equal(2, await asking.WaitAsync(TimeSpan.FromSeconds(15)));
        Assert.Equal(3, await _nodes[2].Places.AskAsync(key, 3, None));
        var young = _writers.Single(writer => writer.Placed.Key == key && writer != old);
        Assert.Equal([2, 3], young.Handled);

        // Both think that they are the one.
        var store = new MemoryRoomStore();
        var room = BareJid.Parse("room@muc.example.test");
        Assert.True(await store.SaveAsync(Room(room, "old"), old.Placed.Epoch, None));
        Assert.True(await store.ClaimAsync(room, young.Placed.Epoch, None));
        Assert.False(await store.SaveAsync(Room(room, "old again"), old.Placed.Epoch, None));
        Assert.True(await store.SaveAsync(Room(room, "young"), young.Placed.Epoch, None));
        Assert.Equal("young", (await store.FindAsync(room, None))!.Title);
    }

    [Fact] // who relies on what a writer had in memory asks the one that follows it
    public async Task Every_node_that_is_left_says_when_writers_have_gone_with_theirs()
    {
        Join("one", "two", "three");
        var told = new int[3];
        for (var n = 0; n < 3; n++)
        {
            var node = n;
            _nodes[n].Places.WritersLost += () => Interlocked.Increment(ref told[node]);
        }

        Join("four");
        Assert.Equal([0, 0, 0], told); // nothing has gone
        var key = await KeyAtAsync(1);
        var asked = new List<Task<int>>();
        _nodes[0].Places.WritersLost += () => asked.Add(_nodes[0].Places.AskAsync(key, 5, None).AsTask());
        _network.Kill(_nodes[1].Place.Self);
        _network.Remove(_nodes[1].Place.Self);
        Assert.Equal([1, 0, 1], told);
        Assert.Equal(5, await Assert.Single(asked).WaitAsync(TimeSpan.FromSeconds(15)));
        Assert.Equal(2, _writers.Count(writer => writer.Placed.Key == key)); // the dead one is not asked
    }

    [Fact]
    public async Task A_node_without_a_lease_gives_its_writers_nothing_to_do()
    {
        Join("one", "two");
        var (key, other) = (await KeyAtAsync(0), await KeyAtAsync(1));
        _nodes[0].Place.HoldsLease = false;
        var asking = _nodes[0].Places.AskAsync(key, 1, None).AsTask();
        var elsewhere = _nodes[1].Places.AskAsync(key, 2, None).AsTask();
        await _nodes[1].Places.AskAsync(other, 1, None); // the other one serves
        Assert.False(asking.IsCompleted || elsewhere.IsCompleted);
        _nodes[0].Place.HoldsLease = true;
        await Task.WhenAll(asking, elsewhere).WaitAsync(TimeSpan.FromSeconds(15));
        Assert.Equal([1, 2], _writers.Single(writer => writer.Placed.Key == key).Handled.Where(command => command != 9).Order());
    }

    [Fact]
    public async Task A_writer_that_is_done_is_forgotten_by_all()
    {
        Join("one", "two");
        for (var round = 1; round <= 20; round++)
        {
            Assert.Equal(0, await _nodes[round % 2].Places.AskAsync("a", 0, None));
            Assert.Equal(round, _writers.Count);
        }

        Assert.Equal(0, _nodes.Sum(node => node.Places.Count));
        Assert.Empty(await _nodes[0].Places.AllAsync(None));
        var epochs = _writers.Select(writer => writer.Placed.Epoch).ToArray();
        Assert.Equal(epochs.Distinct().Order(), epochs);
    }

    [Fact]
    public async Task What_a_writer_elsewhere_throws_reaches_the_one_who_asked()
    {
        _most = 3;
        Join("one", "two");
        var key = await KeyAtAsync(1);
        await Assert.ThrowsAsync<NodeRefusedException>(async () => await _nodes[0].Places.AskAsync(key, -2, None));
        Assert.Equal(4, await _nodes[0].Places.AskAsync(key, 4, None));

        var writer = _writers.Single(writer => writer.Placed.Key == key);
        var waiting = Enumerable.Range(0, 5).Select(_ => _nodes[0].Places.AskAsync(key, -1, None).AsTask()).ToArray(); // one is handled, three fit behind it
        await Assert.ThrowsAsync<PlacementBusyException>(async () => await await Task.WhenAny(waiting));
        writer.Gate.SetResult();
        await Task.WhenAll(waiting.Where(task => !task.IsFaulted)).WaitAsync(TimeSpan.FromSeconds(15));
        _ = Assert.Single(waiting, task => task.IsFaulted);
    }

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            node.Placement.Dispose();
            node.Link.Dispose();
        }
    }

    private static StoredRoom Room(BareJid room, string title) => new(room, new XmlBuilder("settings", "test").Build(), []) { Title = title };

    private void Join(params string[] names)
    {
        foreach (var name in names)
        {
            var place = _network.Join(name);
            var log = new TestLog();
            var link = new NodeLink(place, place, TimeProvider.System, log.CreateLogger<NodeLink>());
            var placement = new ClusterPlacement(link, place, TimeProvider.System, log);
            var places = placement.Open(new PlacementKind<int, int>("test", s_number, s_number) { MaxWaiting = _most }, Activate);
            _nodes.Add(new Node(place, link, placement, places));
        }
    }

    // A key whose writer was made on a node.
    private async Task<string> KeyAtAsync(int node, string? except = null)
    {
        for (var n = 0; ; n++)
        {
            var key = $"key{n}";
            await _nodes[node].Places.AskAsync(key, 9, None);
            if (key != except && _nodes[node].Places.IsLocal(key))
            {
                return key;
            }
        }
    }

    private static Task<int> PostAsync(Node node, string key, int command)
    {
        Assert.True(node.Places.TryPost(key, command));
        return Task.FromResult(-1); // nobody hears of it
    }

    private TestWriter Activate(Placed placed)
    {
        var writer = new TestWriter(placed);
        _writers.Enqueue(writer);
        return writer;
    }

    private sealed record Node(TestNetwork.Place Place, NodeLink Link, ClusterPlacement Placement, IPlaces<int, int> Places);
}
