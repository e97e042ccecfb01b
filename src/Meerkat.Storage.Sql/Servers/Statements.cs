using System.Data.Common;

namespace Meerkat.Storage.Sql.Servers;

/// <summary>Single statements on a connection outside the pool, of the driver's own making: what stands in no transaction, or takes longer than a request may.</summary>
internal static class Statements
{
    /// <summary>A statement that may take any time.</summary>
    public static async Task RunAsync(this DbConnection connection, string sql, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>A query of one value.</summary>
    /// <returns>The first column of the first row, as the driver gives it; null where there is no row.</returns>
    public static async Task<object?> AskAsync(this DbConnection connection, string sql, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(ct);
    }
}
