using LinqToDB.Data;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Sql.Mam;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Mam;

/// <summary>How SQLite answers the archive's queries: pages by key, counts from an index alone (MAM-086).</summary>
public sealed class ArchivePlanTests
{
    private static readonly BareJid s_alice = BareJid.Parse("alice@one.example");
    private static readonly ArchiveSql s_sql = new("archive_message");

    public static TheoryData<ArchiveQuery> Queries =>
    [
        new ArchiveQuery(),
        new ArchiveQuery { FromEnd = true, Before = 5 },
        new ArchiveQuery { From = 2, To = 9, After = 3 },
        new ArchiveQuery { With = s_alice },
        new ArchiveQuery { With = s_alice, FromEnd = true, From = 1, Before = 7 },
    ];

    [Theory]
    [MemberData(nameof(Queries), DisableDiscoveryEnumeration = true)]
    public async Task A_page_is_found_by_key_without_sorting(ArchiveQuery query)
    {
        var parameters = new List<DataParameter>(ArchiveSql.OwnerOf(s_alice));
        var plan = await PlanAsync(s_sql.Page(query, null, parameters), parameters);
        Assert.Contains(plan, step => step.StartsWith("SEARCH archive_message USING INDEX", StringComparison.Ordinal) && step.Contains("(owner_id=?", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal) || step.StartsWith("SCAN", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Queries), DisableDiscoveryEnumeration = true)]
    public async Task A_count_reads_an_index_alone(ArchiveQuery query)
    {
        var parameters = new List<DataParameter>(ArchiveSql.OwnerOf(s_alice));
        var plan = await PlanAsync(s_sql.Count(query, null, null, 5, parameters), parameters);
        Assert.Contains(plan, step => step.StartsWith("SEARCH archive_message USING COVERING INDEX", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.StartsWith("SCAN", StringComparison.Ordinal));
    }

    private static async Task<List<string>> PlanAsync(string sql, List<DataParameter> parameters)
    {
        await using var test = await TestDatabase.CreateAsync();
        return await test.Database.ReadAsync(
            async session => (await session.QueryToListAsync<Step>("EXPLAIN QUERY PLAN " + sql, CancellationToken.None, [.. parameters])).ConvertAll(step => step.Detail),
            CancellationToken.None);
    }

    private sealed class Step
    {
        [LinqToDB.Mapping.Column("detail")]
        public string Detail { get; set; } = "";
    }
}
