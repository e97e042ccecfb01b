using Meerkat.Core.Storage;
using Meerkat.Storage.Cassandra.Connections;
using Meerkat.Storage.Cassandra.Protocol;
using Meerkat.Storage.Cassandra.Tests.Double;
using Xunit;
using static Meerkat.Storage.Cassandra.Tests.TestCluster;

namespace Meerkat.Storage.Cassandra.Tests.Connections;

/// <summary>Requests on a pool (CONF-127 to CONF-131, CONF-158 to CONF-160).</summary>
public sealed class CassandraPoolTests
{
    [Fact]
    public async Task Values_of_every_kind_go_in_and_come_out()
    {
        await using var test = await StartAsync();
        test.Double.Run("CREATE TABLE meerkat.kinds (a text PRIMARY KEY, b bigint, c int, d boolean, e blob, f uuid, g double, h list<text>, i frozen<list<bigint>>, j set<text>)");
        var id = Guid.NewGuid();
        await test.Pool.ExecuteAsync(
            new("INSERT INTO meerkat.kinds (a, b, c, d, e, f, g, h, i) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                "ü\U0001F600'", long.MinValue, -5, true, new byte[] { 0, 255 }, id, 1.5, new[] { "x", "" }, new[] { 1L, -1L }), None);
        var row = Assert.Single((await test.Pool.ExecuteAsync(new("SELECT * FROM meerkat.kinds WHERE a = ?", "ü\U0001F600'"), None)).Rows);
        Assert.Equal("ü\U0001F600'", row.Text("a"));
        Assert.Equal((long.MinValue, -5, true, id, 1.5), (row.Get<long>("b"), row.Get<int>("c"), row.Get<bool>("d"), row.Get<Guid>("f"), row.Get<double>("g")));
        Assert.Equal([0, 255], row.Get<ReadOnlyMemory<byte>>("e").ToArray());
        Assert.Equal(["x", ""], row.Get<string[]>("h"));
        Assert.Equal([1L, -1L], row.Get<long[]>("i"));
        Assert.Null(row["j"]);

        // A value that is not set leaves the column; null deletes it.
        await test.Pool.ExecuteAsync(new("INSERT INTO meerkat.kinds (a, b, c) VALUES (?, ?, ?)", "ü\U0001F600'", CqlStatement.Unset, null), None);
        row = Assert.Single((await test.Pool.ExecuteAsync(new("SELECT b, c FROM meerkat.kinds WHERE a = ?", "ü\U0001F600'"), None)).Rows);
        Assert.Equal((long.MinValue, null), (row.Get<long>("b"), row["c"]));
        await Assert.ThrowsAsync<CqlException>(async () => await test.Pool.ExecuteAsync(new("INSERT INTO meerkat.kinds (a, b) VALUES (?, ?)", "x", 1), None));
        await Assert.ThrowsAsync<CqlException>(async () => await test.Pool.ExecuteAsync(new("INSERT INTO meerkat.kinds (a, b) VALUES (?, ?)", "x"), None));
    }

    [Fact]
    public async Task Pages_follow_each_other_by_their_state()
    {
        await using var test = await StartAsync();
        for (var id = 1; id <= 10; id++)
        {
            await test.AddAsync(id);
        }

        var pages = new List<long[]>();
        var statement = All with { PageSize = 4 };
        while (true)
        {
            var page = await test.Pool.ExecuteAsync(statement, None);
            pages.Add([.. page.Rows.Select(row => row.Get<long>("id"))]);
            if (page.NextPage is not { } next)
            {
                break;
            }

            statement = statement with { PagingState = next };
        }

        Assert.Equal([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]], pages);
        Assert.Equal([1, 2, 3, 4, 5], (await test.Pool.ReadAllAsync(new("SELECT id FROM meerkat.note WHERE part = ? LIMIT ?", 1, 5) { PageSize = 2 }, None)).Select(row => row.Get<long>("id")));
        Assert.Equal(10, await test.Pool.CountAsync(new("SELECT COUNT(*) FROM meerkat.note WHERE part = ?", 1), None));
    }

    [Fact]
    public async Task A_statement_is_learnt_once_and_again_when_the_server_has_forgotten_it()
    {
        await using var test = await StartAsync(with: options => options with { Workers = 1 });
        var node = test.Double.Nodes[0];
        await test.AddAsync(1);
        await test.AddAsync(2);
        Assert.Equal(1, node.Prepares);

        node.Forget();
        await test.AddAsync(3);
        await test.Pool.BatchAsync([Add(4), Add(5)], None);
        node.Forget();
        await test.Pool.BatchAsync([Add(6), Add(7)], None);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], await test.IdsAsync());
    }

    [Fact] // one connection, many streams (native protocol v4, section 2.3)
    public async Task Many_requests_are_under_way_at_once_and_get_their_own_answers()
    {
        await using var test = await StartAsync(with: options => options with { Workers = 1 });
        await Task.WhenAll(Enumerable.Range(1, 1000).Select(id => test.Pool.ExecuteAsync(Add(id, $"body {id}"), None).AsTask()));
        await Task.WhenAll(Enumerable.Range(1, 1000).Select(async id =>
        {
            var page = await test.Pool.ExecuteAsync(new("SELECT body FROM meerkat.note WHERE part = ? AND id = ?", 1, (long)id), None);
            Assert.Equal($"body {id}", Assert.Single(page.Rows).Text("body"));
        }));
        Assert.Equal(1, test.Double.Nodes[0].Connections);
        Assert.Equal(0, test.Pool.InFlight);
    }

    [Fact] // whatever it is that keeps us from a server, it is said
    public async Task A_name_that_cannot_be_one_is_why_nothing_is_reached()
    {
        await using var test = await StartAsync(with: options => options with
        {
            CallTimeout = TimeSpan.FromMilliseconds(300),
            Connection = options.Connection with { Servers = [new() { Host = new string('a', 300) }] },
        });
        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => test.AddAsync(1));
        Assert.NotNull(refused.InnerException);
    }

    [Fact] // CONF-131
    public async Task Requests_beyond_the_bound_are_refused_at_once()
    {
        await using var test = await StartAsync(with: options => options with { Workers = 1, MaxWorkerQueueLen = 10, CallTimeout = TimeSpan.FromSeconds(30) });
        await test.AddAsync(1);
        test.Double.Nodes[0].Hang();
        var waiting = Enumerable.Range(0, CqlConnection.MaxInFlight + 10).Select(id => test.Pool.ExecuteAsync(Add(id), None).AsTask()).ToArray();
        await Assert.ThrowsAsync<StorageBusyException>(async () => await test.Pool.ExecuteAsync(Add(999), None));
        Assert.Equal(10, test.Pool.Waiting);
        test.Double.Nodes[0].Resume();
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task Errors_are_what_they_mean()
    {
        await using var test = await StartAsync();
        CqlError? answer = null;
        test.Double.Before = (_, opcode) =>
        {
            if (answer is { } code && opcode is Opcode.Execute)
            {
                throw new DoubleException(code, "planted");
            }
        };
        await test.AddAsync(1);
        await ExpectAsync<StorageBusyException>(CqlError.Overloaded);
        await ExpectAsync<StorageUnavailableException>(CqlError.Unavailable);
        await ExpectAsync<StorageUnavailableException>(CqlError.IsBootstrapping);
        await ExpectAsync<TimeoutException>(CqlError.WriteTimeout);
        await ExpectAsync<TimeoutException>(CqlError.ReadTimeout);
        await ExpectAsync<CqlException>(CqlError.Unauthorized);
        await ExpectAsync<CqlException>(CqlError.ServerError);
        answer = null;
        await Assert.ThrowsAsync<CqlException>(async () => await test.Pool.ExecuteAsync(new("SELEKT"), None));
        await Assert.ThrowsAsync<CqlException>(async () => await test.Pool.ExecuteAsync(new("SELECT x FROM meerkat.nothing"), None));
        Assert.Equal([1], await test.IdsAsync());

        async Task ExpectAsync<T>(CqlError code)
            where T : Exception
        {
            answer = code;
            await Assert.ThrowsAsync<T>(async () => await test.Pool.ExecuteAsync(Add(2), None));
        }
    }

    [Fact]
    public async Task What_one_server_refuses_another_is_asked()
    {
        await using var test = await StartAsync(nodes: 2);
        await test.Pool.WaitAsync(None);
        await UntilAsync(() => test.Pool.Reachable == 2);
        var tired = test.Double.Nodes[0];
        test.Double.Before = (node, opcode) =>
        {
            if (node == tired && opcode is Opcode.Execute)
            {
                throw new DoubleException(CqlError.Overloaded, "planted");
            }
        };
        for (var id = 1; id <= 20; id++)
        {
            await test.AddAsync(id);
        }

        Assert.Equal(20, (await test.IdsAsync()).Count());
    }

    [Fact] // CONF-160
    public async Task Name_and_password_are_asked_for()
    {
        await using var cluster = await CassandraDouble.StartAsync(credentials: ("meerkat", "s3cret"));
        var options = cluster.Options();
        await using (var pool = new CassandraPool("test", options))
        {
            Assert.Single((await pool.ExecuteAsync(new("SELECT key FROM system.local"), None)).Rows);
        }

        var hasty = options with { CallTimeout = TimeSpan.FromSeconds(3) };
        var wrong = hasty with { Connection = hasty.Connection with { Auth = new() { Plain = new() { Username = "meerkat", Password = "guess" } } } };
        await using (var pool = new CassandraPool("test", wrong))
        {
            var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => pool.WaitAsync(None));
            Assert.Contains("incorrect", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("guess", refused.ToString(), StringComparison.Ordinal);
        }

        await using (var pool = new CassandraPool("test", hasty with { Connection = hasty.Connection with { Auth = null } }))
        {
            Assert.Contains("auth", (await Assert.ThrowsAsync<StorageUnavailableException>(() => pool.WaitAsync(None))).Message, StringComparison.Ordinal);
        }
    }

    [Fact] // the later of two writes wins, whatever order they come in
    public async Task Writes_of_a_pool_have_rising_time_stamps()
    {
        await using var test = await StartAsync();
        test.Double.Run("INSERT INTO meerkat.note (part, id, body) VALUES (1, 1, 'from the past') USING TIMESTAMP 1");
        await test.Pool.ExecuteAsync(Add(1, "now"), None);
        test.Double.Run("INSERT INTO meerkat.note (part, id, body) VALUES (1, 1, 'late from the past') USING TIMESTAMP 2");
        Assert.Equal("now", Assert.Single((await test.Pool.ExecuteAsync(All, None)).Rows).Text("body"));
        var clock = new WriteClock(TimeProvider.System);
        var stamps = Enumerable.Range(0, 1000).Select(_ => clock.Next()).ToArray();
        Assert.Equal(stamps.Order().Distinct(), stamps);
    }
}
