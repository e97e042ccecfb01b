using LinqToDB.Data;
using Meerkat.Core.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Sqlite;

public sealed class SqliteReadersTests
{
    [Fact]
    public async Task A_read_sees_every_write_that_was_acknowledged()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        for (var i = 1; i <= 50; i++)
        {
            await Note.AddAsync(test.Database, i);
            Assert.Equal(i, (await Note.IdsAsync(test.Database)).Count);
        }
    }

    [Fact]
    public async Task A_read_cannot_write()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        await Assert.ThrowsAsync<SqliteException>(async () => await test.Database.ReadAsync(session => Note.AddAsync(session, 1), CancellationToken.None));
        Assert.Empty(await Note.IdsAsync(test.Database));
    }

    [Fact]
    public async Task When_all_readers_are_busy_a_query_waits_and_then_gives_up()
    {
        var time = new FakeTimeProvider();
        await using var test = await TestDatabase.CreateAsync(with => with with { Readers = 2, Patience = TimeSpan.FromSeconds(3) }, time);
        await Note.CreateTableAsync(test.Database);
        var go = new TaskCompletionSource<int>();
        var busy = Enumerable.Range(0, 2).Select(_ => test.Database.ReadAsync(async _ => await go.Task, CancellationToken.None).AsTask()).ToArray();

        var impatient = Note.IdsAsync(test.Database).AsTask();
        time.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<StorageBusyException>(() => impatient);

        var patient = Note.IdsAsync(test.Database).AsTask();
        go.SetResult(0);
        await Task.WhenAll(busy);
        Assert.Empty(await patient);
    }

    [Fact]
    public async Task The_same_query_may_run_again_while_its_first_reader_is_open()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        await Note.AddAsync(test.Database, 1);
        await Note.AddAsync(test.Database, 2);

        var pairs = await test.Database.ReadAsync(
            session =>
            {
                var seen = new List<(long, long)>();
                for (var round = 0; round < 2; round++)
                {
                    foreach (var outer in session.Query<long>("SELECT id FROM note ORDER BY id"))
                    {
                        seen.AddRange(session.Query<long>("SELECT id FROM note ORDER BY id").Select(inner => (outer, inner)));
                    }
                }

                return ValueTask.FromResult(seen);
            },
            CancellationToken.None);

        Assert.Equal([(1, 1), (1, 2), (2, 1), (2, 2), (1, 1), (1, 2), (2, 1), (2, 2)], pairs);
    }

    [Fact]
    public async Task More_texts_than_the_statement_cache_holds_are_fine()
    {
        await using var test = await TestDatabase.CreateAsync();
        var sum = await test.Database.ReadAsync(
            session => ValueTask.FromResult(Enumerable.Range(1, 1000).Sum(i => session.Execute<int>($"SELECT {i}"))), CancellationToken.None);
        Assert.Equal(500_500, sum);
    }
}
