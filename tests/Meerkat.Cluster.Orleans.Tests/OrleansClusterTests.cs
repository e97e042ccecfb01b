using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Meerkat.Cluster.Orleans.Tls;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Storage.Redis;
using Meerkat.Testing.Databases;
using Xunit;

namespace Meerkat.Cluster.Orleans.Tests;

/// <summary>Nodes of a cluster, several in this process: Orleans with its sockets and TLS, on a table in memory or in Redis.</summary>
public sealed class OrleansClusterTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly MemoryMemberStore _store = new();

    [Fact] // OPS-022: joining by starting, leaving by stopping
    public async Task Nodes_see_each_other_come_and_go()
    {
        await using var one = await StartAsync("one");
        Assert.Equal(["one"], Names(one));
        Assert.True(one.Cluster.HoldsLease);
        await using (var two = await StartAsync("two"))
        {
            await one.SeesAsync(2);
            await two.SeesAsync(2);
            Assert.Equal(one.Cluster.View.Nodes, two.Cluster.View.Nodes);
            Assert.Equal(["one", "two"], Names(one));
            Assert.Equal((1, 2), (one.Cluster.Number, two.Cluster.Number));
            await two.Cluster.StopAsync(None);
            Assert.False(two.Cluster.HoldsLease);
        }

        await one.SeesAsync(1);
        await using var again = await StartAsync("two");
        await one.SeesAsync(2);
        Assert.Equal(2, again.Cluster.Number); // its own
    }

    [Fact]
    public async Task A_batch_arrives_whole_from_whom_it_says_and_what_the_other_side_throws_fails_it()
    {
        await using var one = await StartAsync("one");
        await using var two = await StartAsync("two");
        await one.SeesAsync(2);
        await two.SeesAsync(2);
        var to = two.Cluster.Self;
        var got = new List<(ClusterNode From, byte[] Bytes)>();
        await Assert.ThrowsAnyAsync<Exception>(async () => await one.Cluster.SendAsync(to, new byte[1], None)); // nobody takes anything yet
        two.Cluster.Receive = (from, bytes) =>
        {
            if (bytes.Length == 0)
            {
                throw new InvalidOperationException("empty");
            }

            lock (got)
            {
                got.Add((from, bytes.ToArray()));
            }

            return default;
        };
        foreach (var size in (int[])[1, 100, 65_536, 3_000_000])
        {
            var batch = new byte[size + 4];
            Random.Shared.NextBytes(batch);
            BinaryPrimitives.WriteInt32BigEndian(batch, size);
            await one.Cluster.SendAsync(to, batch.AsMemory(0, size), None); // a part of an array
            Assert.Equal(one.Cluster.Self, got[^1].From);
            Assert.True(batch.AsSpan(0, size).SequenceEqual(got[^1].Bytes));
        }

        var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await one.Cluster.SendAsync(to, default, None));
        Assert.IsNotType<NodeUnreachableException>(refused);
        Assert.Contains("empty", refused.ToString());
        await Assert.ThrowsAsync<NodeUnreachableException>(async () => await one.Cluster.SendAsync(to with { Run = to.Run - 1 }, new byte[1], None));
        Assert.Equal(4, got.Count);
    }

    [Fact]
    public async Task Who_has_another_secret_is_refused_before_it_disturbs_anybody()
    {
        await using var one = await StartAsync("one");
        var version = one.Cluster.View.Version;
        await using var stranger = new TestNode("two", _store, "correct horse battery stable");
        var refused = await Assert.ThrowsAsync<ClusterException>(() => stranger.Cluster.StartAsync(None));
        Assert.Equal($"node one on {one.Options.EndPoint} does not know this node's secret: set the same cluster.secret, or secret_file, on all nodes", refused.Message);
        Assert.Equal(version, (await _store.ReadAsync("meerkat", None)).Version);
        Assert.False(stranger.Cluster.HoldsLease);
    }

    [Fact]
    public async Task A_name_is_one_node_s()
    {
        await using var one = await StartAsync("one");
        await using var other = new TestNode("one", _store);
        var refused = await Assert.ThrowsAsync<ClusterException>(() => other.Cluster.StartAsync(None));
        Assert.Equal($"a node with the name one runs already, on {one.Options.EndPoint}: set another cluster.node", refused.Message);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using var one = new TestNode("one", _store);
        using var taken = new TcpListener(one.Options.EndPoint);
        taken.Start();
        var refused = await Assert.ThrowsAsync<ClusterException>(() => one.Cluster.StartAsync(None));
        Assert.Contains(one.Options.EndPoint.ToString(), refused.Message);
        Assert.Contains("in use", refused.Message);
    }

    [Fact] // OPS-013, and no way around it
    public async Task Who_speaks_without_TLS_or_without_the_key_is_cut_off()
    {
        await using var one = await StartAsync("one");
        using (var plain = new TcpClient())
        {
            await plain.ConnectAsync(one.Options.EndPoint);
            await plain.GetStream().WriteAsync(new byte[] { 0x10, 0, 0, 0, 1, 2, 3, 4 });
            await AssertEndsAsync(plain.GetStream());
        }

        using var other = ClusterKey.Make("another secret altogether", "meerkat", TimeProvider.System); // takes longer than a handshake may on a busy machine
        foreach (var own in (bool[])[false, true])
        {
            using var client = new TcpClient();
            await client.ConnectAsync(one.Options.EndPoint);
            await using var stream = new SslStream(client.GetStream());
            try
            {
                await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = "meerkat-node",
                    EnabledSslProtocols = SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
                    ClientCertificates = own ? [other.Certificate] : null,
                });
            }
            catch (IOException)
            {
                continue; // it was cut before it had said all
            }

            await AssertEndsAsync(stream); // TLS 1.3: the client hears of the refusal when it reads
        }
    }

    [Fact] // OPS-018, and what nodes can be told
    public async Task Nodes_are_listed_and_do_as_they_are_told()
    {
        await using var one = await StartAsync("one");
        await using var two = await StartAsync("two");
        await one.SeesAsync(2);
        two.Sessions = 3;
        var listed = await one.Cluster.ListAsync(None);
        Assert.Equal([("one", NodeState.Active, (int?)0), ("two", NodeState.Active, 3)], listed.Select(node => (node.Node.Name, node.State, node.Sessions)));
        Assert.Equal(two.Options.EndPoint.ToString(), listed[1].Address);
        Assert.Equal(Core.Product.Version, listed[1].Version);

        Assert.Equal(NodeAnswer.Runs, await one.Cluster.RemoveAsync("two", None));
        Assert.Equal(NodeAnswer.NotFound, await one.Cluster.TellAsync("three", NodeOrder.Drain, None));
        Assert.Equal(NodeAnswer.Done, await one.Cluster.TellAsync("two", NodeOrder.Drain, None));
        Assert.Equal(NodeOrder.Drain, await two.Obeyed.Task);
        Assert.Equal(NodeState.Draining, (await one.Cluster.ListAsync(None))[1].State);
        Assert.Equal(NodeAnswer.Done, await one.Cluster.TellAsync("one", NodeOrder.Leave, None));
        Assert.Equal(NodeOrder.Leave, await one.Obeyed.Task);

        await two.Cluster.StopAsync(None);
        Assert.Equal(NodeState.Gone, (await one.Cluster.ListAsync(None))[1].State);
        Assert.Equal(NodeAnswer.Done, await one.Cluster.RemoveAsync("two", None));
        Assert.Equal(NodeAnswer.NotFound, await one.Cluster.RemoveAsync("two", None));
        Assert.Single(await one.Cluster.ListAsync(None));
        Assert.Equal(2, await _store.NumberAsync("meerkat", "three", None)); // the number is free
    }

    [Fact]
    public async Task The_members_may_be_in_Redis()
    {
        Assert.SkipWhen(RedisProcess.Missing is not null, RedisProcess.Missing ?? "");
        await using var server = await RedisProcess.CreateAsync();
        var redis = RedisPool.ConfigurationOf(new RedisPoolOptions { Connection = new RedisConnectionOptions { Port = server.Port, Password = RedisProcess.Password } });
        await using var one = await StartAsync(new TestNode("one", _store, redis: redis));
        await using (var two = await StartAsync(new TestNode("two", _store, redis: redis)))
        {
            await one.SeesAsync(2);
            Assert.True(two.Cluster.HoldsLease);
            Assert.Equal(["one", "two"], (await one.Cluster.ListAsync(None)).Select(node => node.Node.Name));
            Assert.Empty((await _store.ReadAsync("meerkat", None)).Members);
        }

        await one.SeesAsync(1);
        await RemoveOneOfTwoAsync(one, redis);
    }

    [Fact] // OPS-018
    public async Task What_is_removed_is_the_node_that_was_named()
    {
        await using var one = await StartAsync("one");
        await RemoveOneOfTwoAsync(one, redis: null);
    }

    // Nodes that have been, one of them twice.
    private async Task RemoveOneOfTwoAsync(TestNode one, StackExchange.Redis.ConfigurationOptions? redis)
    {
        foreach (var name in (string[])["three", "four", "three"])
        {
            await using (await StartAsync(new TestNode(name, _store, redis: redis)))
            {
                await one.SeesAsync(2);
            }

            await one.SeesAsync(1);
        }

        var before = (await one.Cluster.ListAsync(None)).Select(node => (node.Node.Name, node.State)).ToArray();
        Assert.Contains(("four", NodeState.Gone), before);
        Assert.Contains(("three", NodeState.Gone), before);
        Assert.Equal(NodeAnswer.Runs, await one.Cluster.RemoveAsync("one", None));
        Assert.Equal(NodeAnswer.NotFound, await one.Cluster.RemoveAsync("five", None));
        Assert.Equal(before, (await one.Cluster.ListAsync(None)).Select(node => (node.Node.Name, node.State)));
        Assert.Equal(NodeAnswer.Done, await one.Cluster.RemoveAsync("three", None));
        Assert.Equal(before.Where(node => node.Name != "three"), (await one.Cluster.ListAsync(None)).Select(node => (node.Node.Name, node.State)));
        Assert.Equal(NodeAnswer.NotFound, await one.Cluster.RemoveAsync("three", None));
    }

    private Task<TestNode> StartAsync(string name) => StartAsync(new TestNode(name, _store));

    private static async Task<TestNode> StartAsync(TestNode node)
    {
        await node.Cluster.TakeNumberAsync(None);
        await node.Cluster.StartAsync(None);
        return node;
    }

    private static IEnumerable<string> Names(TestNode node) => node.Cluster.View.Nodes.Select(member => member.Name);

    private static async Task AssertEndsAsync(Stream stream)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            var buffer = new byte[1000];
            int read;
            do
            {
                read = await stream.ReadAsync(buffer, patience.Token);
                Assert.True(read < buffer.Length); // an alert at most
            }
            while (read > 0);
        }
        catch (IOException)
        {
            // It was cut.
        }
    }
}
