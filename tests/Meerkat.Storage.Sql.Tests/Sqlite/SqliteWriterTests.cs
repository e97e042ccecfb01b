using LinqToDB;
using LinqToDB.Data;
using Meerkat.Core.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Sqlite;

public sealed class SqliteWriterTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task What_waits_while_a_write_runs_shares_one_commit_and_keeps_its_order()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        var (running, go) = Block(test.Database);
        await running;

        // All of these see the same number of earlier changes committed by others only if they are one transaction: total_changes() grows, data_version does not.
        var before = await ReadCommitsAsync(test.Database);
        var order = new List<long>();
        var queued = Enumerable.Range(1, 100).Select(i => test.Database.WriteAsync(
            async session =>
            {
                order.Add(i);
                await Note.AddAsync(session, i);
                return session.Execute<long>("SELECT count(*) FROM note");
            },
            None).AsTask()).ToArray();
        Assert.All(queued, write => Assert.False(write.IsCompleted));
        go.SetResult();
        var counts = await Task.WhenAll(queued);

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), order);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), counts);
        Assert.Equal(before + 1, await ReadCommitsAsync(test.Database));
    }

    [Fact]
    public async Task An_operation_that_fails_leaves_nothing_behind_and_fails_only_its_caller()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        var (running, go) = Block(test.Database);
        await running;

        var first = Note.AddAsync(test.Database, 1).AsTask();
        var thrower = test.Database.WriteAsync<int>(
            async session =>
            {
                await Note.AddAsync(session, 2);
                throw new InvalidOperationException("no");
            },
            None).AsTask();
        var duplicate = Note.AddAsync(test.Database, 1).AsTask();
        var last = Note.AddAsync(test.Database, 4).AsTask();
        go.SetResult();

        Assert.Equal(1, await first);
        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(() => thrower)).Message);
        Assert.True(test.Database.Dialect.IsDuplicate(await Assert.ThrowsAsync<SqliteException>(() => duplicate)));
        Assert.Equal(1, await last);
        Assert.Equal([1, 4], await Note.IdsAsync(test.Database));
    }

    [Fact]
    public async Task A_lone_operation_that_fails_leaves_nothing_behind()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await test.Database.WriteAsync<int>(
            async session =>
            {
                await Note.AddAsync(session, 2);
                throw new InvalidOperationException("no");
            },
            None));

        Assert.Empty(await Note.IdsAsync(test.Database));
        await Note.AddAsync(test.Database, 3);
        Assert.Equal([3], await Note.IdsAsync(test.Database));
    }

    [Fact]
    public async Task When_the_whole_transaction_is_lost_everybody_in_it_is_told_and_the_rest_goes_on()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        var (running, go) = Block(test.Database);
        await running;

        var before = Note.AddAsync(test.Database, 1).AsTask();
        var loser = test.Database.WriteAsync(async session => await session.ExecuteAsync("ROLLBACK"), None).AsTask(); // what SQLite does itself when the disk is full
        var after = Note.AddAsync(test.Database, 3).AsTask();
        go.SetResult();

        await Assert.ThrowsAsync<InvalidOperationException>(() => before);
        await Assert.ThrowsAsync<InvalidOperationException>(() => loser);
        Assert.Equal(1, await after);
        Assert.Equal([3], await Note.IdsAsync(test.Database));
    }

    [Fact]
    public async Task A_full_disk_is_told_and_survived()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        var pages = await test.Database.WriteAsync(async session => await session.ExecuteAsync<long>("PRAGMA page_count"), None);
        await test.Database.WriteAsync(async session => await session.ExecuteAsync($"PRAGMA max_page_count = {pages + 4}"), None);

        var full = await Assert.ThrowsAsync<SqliteException>(async () => await Note.AddAsync(test.Database, 1, new string('x', 1 << 20)));
        Assert.Equal(SQLitePCL.raw.SQLITE_FULL, full.SqliteErrorCode);
        await Note.AddAsync(test.Database, 2, "small");

        Assert.Equal([2], await Note.IdsAsync(test.Database));
    }

    [Fact]
    public async Task A_full_queue_makes_callers_wait_and_then_give_up()
    {
        var time = new FakeTimeProvider();
        await using var test = await TestDatabase.CreateAsync(with => with with { QueueLength = 2, Patience = TimeSpan.FromSeconds(3) }, time);
        await Note.CreateTableAsync(test.Database);
        var (running, go) = Block(test.Database);
        await running;

        var queued = new[] { Note.AddAsync(test.Database, 1).AsTask(), Note.AddAsync(test.Database, 2).AsTask() };
        var impatient = Note.AddAsync(test.Database, 3).AsTask();
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(impatient.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<StorageBusyException>(() => impatient);

        using var cancel = new CancellationTokenSource();
        var cancelled = test.Database.WriteAsync(session => Note.AddAsync(session, 4), cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        var patient = Note.AddAsync(test.Database, 5).AsTask();
        go.SetResult();
        await Task.WhenAll(queued);
        await patient;
        Assert.Equal([1, 2, 5], await Note.IdsAsync(test.Database));
    }

    [Fact]
    public async Task Disposal_finishes_what_is_queued_and_refuses_what_comes_later()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        var (running, go) = Block(test.Database);
        await running;

        var queued = Enumerable.Range(1, 50).Select(i => Note.AddAsync(test.Database, i).AsTask()).ToArray();
        var disposal = test.Database.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Note.AddAsync(test.Database, 51));
        Assert.False(disposal.IsCompleted);
        go.SetResult();
        await disposal;
        await Task.WhenAll(queued);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Note.IdsAsync(test.Database));

        test.Open();
        Assert.Equal(50, (await Note.IdsAsync(test.Database)).Count);
    }

    [Fact]
    public async Task Another_process_that_writes_is_waited_for_and_then_told()
    {
        await using var test = await TestDatabase.CreateAsync(with => with with { BusyTimeout = TimeSpan.FromMilliseconds(50) });
        await Note.CreateTableAsync(test.Database);
        await using (var other = new SqliteConnection($"Data Source={test.Path};Pooling=False"))
        {
            other.Open();
            await using var transaction = other.BeginTransaction(deferred: false);
            await Assert.ThrowsAsync<StorageBusyException>(async () => await Note.AddAsync(test.Database, 1));
        }

        await Note.AddAsync(test.Database, 2);
        Assert.Equal([2], await Note.IdsAsync(test.Database));
    }

    [Fact]
    public async Task Every_commit_waits_for_the_disk()
    {
        await using var test = await TestDatabase.CreateAsync();
        var settings = await test.Database.WriteAsync(
            async session => (await session.ExecuteAsync<string>("PRAGMA journal_mode"), await session.ExecuteAsync<long>("PRAGMA synchronous"), await session.ExecuteAsync<long>("PRAGMA foreign_keys")),
            None);
        Assert.Equal(("wal", 2L, 1L), settings);
    }

    /// <summary>Holds the writer's thread inside an operation until it is let go.</summary>
    private static (Task Running, TaskCompletionSource Go) Block(SqlDatabase database)
    {
        var running = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        _ = database.WriteAsync(
            async _ =>
            {
                running.SetResult();
                await go.Task;
                return 0;
            },
            None).AsTask();
        return (running.Task, go);
    }

    /// <summary>The WAL's commits: its file change counter as a connection sees it that only reads.</summary>
    private static ValueTask<int> ReadCommitsAsync(SqlDatabase database) =>
        database.ReadAsync(async session => await session.ExecuteAsync<int>("PRAGMA data_version"), None);
}
