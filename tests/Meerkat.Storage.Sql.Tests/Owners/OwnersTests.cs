using LinqToDB;
using LinqToDB.Data;
using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Owners;

public sealed class OwnersTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid OtherAlice = BareJid.Parse("alice@two.example");
    private static readonly BareJid Domain = BareJid.Parse("one.example");

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Owners_keep_their_id_and_do_not_share_it(Backend backend)
    {
        await using var test = await StartAsync(backend);
        Assert.Null(await FindAsync(test, Alice));
        var ids = await Task.WhenAll(new[] { Alice, Bob, OtherAlice, Domain, Alice }.Select(owner => EnsureAsync(test, owner).AsTask()));
        Assert.Equal(4, ids.Distinct().Count());
        Assert.Equal(ids[0], ids[4]);
        Assert.Equal(ids[0], await FindAsync(test, Alice));
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Rows_are_found_and_removed_by_owner_and_by_domain(Backend backend)
    {
        await using var test = await StartAsync(backend);
        foreach (var owner in new[] { Alice, Bob, OtherAlice, Domain })
        {
            await AddAsync(test, owner, "a", "b");
        }

        Assert.Equal(["a", "b"], await TextsAsync(test, Alice));
        await test.Database.WriteAsync(async session => await session.RowsOf<Mark>((await session.FindOwnerAsync(Alice, None))!.Value).Where(m => m.Text == "a").DeleteAsync(None), None);
        Assert.Equal(["b"], await TextsAsync(test, Alice));

        await test.Database.WriteAsync(async session => await session.RowsIn<Mark>("one.example").DeleteAsync(None), None);
        Assert.Empty(await TextsAsync(test, Alice));
        Assert.Empty(await TextsAsync(test, Bob));
        Assert.Empty(await TextsAsync(test, Domain));
        Assert.Equal(["a", "b"], await TextsAsync(test, OtherAlice));
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Removing_an_owner_removes_its_rows_and_its_id_is_never_given_again(Backend backend)
    {
        await using var test = await StartAsync(backend);
        await AddAsync(test, Alice, "a");
        await AddAsync(test, Bob, "b");
        var last = await FindAsync(test, Bob);

        await new SqlOwners(test.Database).RemoveAccountAsync(Bob, None);
        Assert.Null(await FindAsync(test, Bob));
        Assert.Empty(await TextsAsync(test, Bob));
        Assert.Equal(["a"], await TextsAsync(test, Alice));
        Assert.True(await EnsureAsync(test, Bob) > last);

        await new SqlOwners(test.Database).RemoveDomainAsync("one.example", None);
        Assert.Null(await FindAsync(test, Alice));
        Assert.Equal(0, await test.Database.ReadAsync(session => ValueTask.FromResult(session.GetTable<Mark>().Count()), None));
    }

    [Fact]
    public async Task Rows_are_found_by_an_index_whichever_way_they_are_asked_for()
    {
        await using var test = await StartAsync(Backend.Sqlite);
        var plans = await test.Database.ReadAsync(
            session => ValueTask.FromResult(new[] { session.RowsOf<Mark>(Alice).ToSqlQuery(), session.RowsOf<Mark>(1).ToSqlQuery(), session.RowsIn<Mark>("one.example").ToSqlQuery() }
                .SelectMany(query => session.Query<PlanStep>("EXPLAIN QUERY PLAN " + query.Sql, query.Parameters.ToArray())).Select(step => step.Detail).ToList()),
            None);
        Assert.True(plans.Count >= 3);
        Assert.DoesNotContain(plans, detail => detail.StartsWith("SCAN", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Rows_of_an_owner_by_name_are_read_and_deleted(Backend backend)
    {
        await using var test = await StartAsync(backend);
        await AddAsync(test, Alice, "a", "b");
        await AddAsync(test, Bob, "a");
        Assert.Equal(2, await test.Database.ReadAsync(session => ValueTask.FromResult(session.RowsOf<Mark>(Alice).Count()), None));
        Assert.Equal(0, await test.Database.ReadAsync(session => ValueTask.FromResult(session.RowsOf<Mark>(OtherAlice).Count()), None));
        await test.Database.WriteAsync(async session => await session.RowsOf<Mark>(Alice).Where(m => m.Text == "b").DeleteAsync(None), None);
        Assert.Equal(["a"], await TextsAsync(test, Alice));
        Assert.Equal(["a"], await TextsAsync(test, Bob));
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Names_that_differ_only_by_case_or_accent_are_different_owners(Backend backend)
    {
        await using var test = await StartAsync(backend);
        var ids = await test.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO owner (domain, localpart) VALUES ('d', 'rene'), ('d', 'RENE'), ('d', 'rené')");
                return await session.ExecuteAsync<int>("SELECT count(*) FROM owner WHERE localpart = 'rene'");
            },
            None);
        Assert.Equal(1, ids);
    }

    private static async Task<ITestDatabase> StartAsync(Backend backend)
    {
        var test = await backend.CreateAsync();
        await test.Database.WriteAsync(
            async session => await session.ExecuteAsync(
                $"CREATE TABLE mark (owner_id BIGINT NOT NULL, text {test.Database.Dialect.KeyText(100)} NOT NULL, PRIMARY KEY (owner_id, text), FOREIGN KEY (owner_id) REFERENCES owner (id) ON DELETE CASCADE)"),
            None);
        return test;
    }

    private static ValueTask<long> EnsureAsync(ITestDatabase test, BareJid owner) => test.Database.WriteAsync(session => session.EnsureOwnerAsync(owner, None), None);

    private static ValueTask<long?> FindAsync(ITestDatabase test, BareJid owner) => test.Database.ReadAsync(async session => await session.FindOwnerAsync(owner, None), None);

    private static async ValueTask<string[]> TextsAsync(ITestDatabase test, BareJid owner) =>
        [.. (await test.Database.RowsOfAsync<Mark>(owner, None)).Select(m => m.Text).Order(StringComparer.Ordinal)];

    private static async Task AddAsync(ITestDatabase test, BareJid owner, params string[] texts) => await test.Database.WriteAsync(
        async session =>
        {
            var id = await session.EnsureOwnerAsync(owner, None);
            foreach (var text in texts)
            {
                await session.InsertAsync(new Mark { OwnerId = id, Text = text });
            }

            return 0;
        },
        None);

    private sealed class PlanStep
    {
        [Column("detail")]
        public string Detail { get; set; } = "";
    }

    [Table("mark")]
    internal sealed class Mark : IOwnedRow
    {
        [Column("owner_id"), PrimaryKey(0)]
        public long OwnerId { get; init; }

        [Column("text"), PrimaryKey(1)]
        public string Text { get; init; } = "";
    }
}
