using System.Diagnostics;
using Meerkat.Core.Storage;
using Xunit;
using static Meerkat.Storage.Cassandra.Tests.TestCluster;

namespace Meerkat.Storage.Cassandra.Tests.Connections;

/// <summary>Servers that go away, come back, and hang.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task Requests_wait_for_a_server_that_comes_back_in_time()
    {
        await using var test = await StartAsync(with: options => options with { CallTimeout = TimeSpan.FromSeconds(60) });
        await test.AddAsync(1);
        var node = test.Double.Nodes[0];
        await node.StopAsync();
        var waiting = Enumerable.Range(2, 20).Select(id => test.AddAsync(id)).ToArray();
        await UntilAsync(() => test.Pool.Reachable == 0);
        Assert.DoesNotContain(waiting, request => request.IsCompleted);
        await node.StartAsync();
        await Task.WhenAll(waiting);
        Assert.Equal(21, (await test.IdsAsync()).Count());
    }

    [Fact]
    public async Task Requests_fail_after_the_stated_bound_and_work_again_when_the_server_is_back()
    {
        await using var test = await StartAsync(with: options => options with { CallTimeout = TimeSpan.FromSeconds(3) });
        await test.AddAsync(1);
        var node = test.Double.Nodes[0];
        await node.StopAsync();
        var began = Stopwatch.StartNew();
        foreach (var request in Enumerable.Range(2, 20).Select(id => test.AddAsync(id)).ToArray())
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(() => request);
        }

        Assert.True(began.Elapsed < TimeSpan.FromSeconds(20), $"{began.Elapsed}");
        await node.StartAsync();
        await UntilAsync(() => test.Pool.Reachable == 1);
        await test.AddAsync(100);
        Assert.Equal([1, 100], await test.IdsAsync());
    }

    [Fact]
    public async Task With_one_server_of_two_gone_nothing_is_lost()
    {
        await using var test = await StartAsync(nodes: 2);
        await test.Pool.WaitAsync(None);
        await UntilAsync(() => test.Pool.Reachable == 2);
        var writing = Enumerable.Range(1, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await test.AddAsync((writer * 1000) + i);
            }
        })).ToArray();
        await UntilAsync(() => test.Double.Nodes[0].Requests > 100);
        await test.Double.Nodes[0].StopAsync();
        await Task.WhenAll(writing);
        Assert.Equal(800, (await test.IdsAsync()).Count());
        Assert.Equal(1, test.Pool.Reachable);

        await test.Double.Nodes[0].StartAsync();
        await UntilAsync(() => test.Pool.Reachable == 2);
        await test.Double.Nodes[1].StopAsync();
        await test.AddAsync(1);
        Assert.Equal(801, (await test.IdsAsync()).Count());
    }

    // The connections stand and nothing answers: a machine that hangs, a cable that was pulled.
    [Fact]
    public async Task A_server_that_hangs_is_found_out_and_another_is_asked()
    {
        await using var test = await StartAsync(nodes: 2);
        await test.Pool.WaitAsync(None);
        await UntilAsync(() => test.Pool.Reachable == 2);
        await Task.WhenAll(Enumerable.Range(1, 20).Select(id => test.AddAsync(id)));
        test.Double.Nodes[0].Hang();
        try
        {
            await Task.WhenAll(Enumerable.Range(100, 20).Select(id => test.AddAsync(id)));
            Assert.Equal(40, (await test.IdsAsync()).Count());
        }
        finally
        {
            test.Double.Nodes[0].Resume();
        }
    }

    [Fact]
    public async Task A_request_that_is_not_answered_ends_at_its_bound_and_its_stream_is_not_taken_for_another()
    {
        await using var test = await StartAsync(with: options => options with { Workers = 1, CallTimeout = TimeSpan.FromSeconds(2) });
        await test.AddAsync(1);
        test.Double.Nodes[0].Hang();
        await Assert.ThrowsAsync<TimeoutException>(() => test.AddAsync(2));
        test.Double.Nodes[0].Resume();
        await UntilAsync(() => test.Pool.InFlight == 0);
        Assert.Equal([1, 2], await test.IdsAsync()); // it was carried out all the same
    }

    [Fact] // nor is it asked without a pause
    public async Task A_server_that_lets_us_in_and_throws_us_out_costs_a_request_its_bound_and_no_more()
    {
        await using var test = await StartAsync(with: options => options with { Workers = 1, CallTimeout = TimeSpan.FromSeconds(2) });
        var node = test.Double.Nodes[0];
        var thrown = 0;
        test.Double.Before = (_, opcode) =>
        {
            if (opcode is Meerkat.Storage.Cassandra.Protocol.Opcode.Prepare)
            {
                Interlocked.Increment(ref thrown);
                node.Cut();
            }
        };
        await Assert.ThrowsAnyAsync<Exception>(() => test.AddAsync(1));
        Assert.InRange(thrown, 1, 12);
        test.Double.Before = null;
        await UntilAsync(() => test.Pool.Reachable == 1);
        await test.AddAsync(2);
        Assert.Equal([2], await test.IdsAsync());
    }

    // OPS-003, CONF-134
    [Fact]
    public async Task A_start_waits_for_a_server_that_starts_later_and_not_for_ever()
    {
        await using var test = await StartAsync(with: options => options with { CallTimeout = TimeSpan.FromMilliseconds(300) });
        await test.Double.Nodes[0].StopAsync();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => test.Pool.WaitAsync(None));
        await using var patient = new Cassandra.Connections.CassandraPool("patient", test.Options with { CallTimeout = TimeSpan.FromSeconds(60) });
        var waiting = patient.WaitAsync(None);
        await test.Double.Nodes[0].StartAsync();
        await waiting;
    }

    [Fact]
    public async Task Closing_ends_what_waits()
    {
        var test = await StartAsync(with: options => options with { CallTimeout = TimeSpan.FromSeconds(60) });
        await test.AddAsync(1);
        await test.Double.Nodes[0].StopAsync();
        var waiting = test.AddAsync(2);
        await test.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }
}
