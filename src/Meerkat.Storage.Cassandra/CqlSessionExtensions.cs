namespace Meerkat.Storage.Cassandra;

/// <summary>What is asked again and again.</summary>
internal static class CqlSessionExtensions
{
    /// <summary>All rows that a statement selects, page after page.</summary>
    public static async ValueTask<List<CqlRow>> ReadAllAsync(this ICqlSession session, CqlStatement statement, CancellationToken ct)
    {
        var rows = new List<CqlRow>();
        while (true)
        {
            var page = await session.ExecuteAsync(statement, ct);
            rows.AddRange(page.Rows);
            if (page.NextPage is not { } next)
            {
                return rows;
            }

            statement = statement with { PagingState = next };
        }
    }

    /// <summary>The number that a <c>SELECT COUNT(*)</c> gives.</summary>
    public static async ValueTask<long> CountAsync(this ICqlSession session, CqlStatement statement, CancellationToken ct) =>
        (await session.ReadAllAsync(statement, ct)).Sum(static row => (long)row[0]!);
}
