using System.Data.Common;
using LinqToDB.Data;
using Meerkat.Storage.Sql.Servers;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Mam.TextSearch;

/// <summary>On MySQL: a <c>FULLTEXT</c> index by the parser <c>ngram</c>. MariaDB has no such parser, and so no index that finds parts of words.</summary>
/// <remarks>Without stop words, as they would be missing in what is found. A word is asked for as a phrase of its pieces.</remarks>
internal sealed class MySqlTextIndex : TextIndex
{
    public static readonly MySqlTextIndex Instance = new();

    public override async ValueTask<TextFilter?> FilterAsync(SqlSession session, string table, BareJid owner, IReadOnlyList<string> words, CancellationToken ct)
    {
        string[] wanted = [.. LongOnes(words)];
        if (wanted.Length == 0 || IsMariaDb(session.Driver) || (await session.QueryToListAsync<long>(Present(table), ct))[0] == 0)
        {
            return null;
        }

        return new TextFilter("MATCH (search_text) AGAINST (@match IN BOOLEAN MODE)", string.Join(' ', wanted.Select(word => $"+\"{word.Replace("\"", "", StringComparison.Ordinal)}\"")));
    }

    public override async Task<TextIndexState> StateAsync(SqlDatabase database, string table, CancellationToken ct)
    {
        await using var connection = await ((ServerDatabase)database).OpenAsync(ct);
        return IsMariaDb(connection) ? TextIndexState.Absent : await StateAsync(connection, table, ct);
    }

    public override async Task CreateAsync(SqlDatabase database, string table, Action<string> progress, CancellationToken ct)
    {
        await using var connection = await ((ServerDatabase)database).OpenAsync(ct);
        if (IsMariaDb(connection))
        {
            throw new TextIndexException("MariaDB has no index that finds parts of words (MySQL has, by its parser ngram): searches go on without one.");
        }

        if (await StateAsync(connection, table, ct) is TextIndexState.Ready)
        {
            return;
        }

        progress("is being indexed; messages are read meanwhile, and those that are written wait");
        await connection.RunAsync("SET SESSION innodb_ft_enable_stopword = OFF", ct);
        await connection.RunAsync($"CREATE FULLTEXT INDEX {table}_text ON {table} (search_text) WITH PARSER ngram", ct);
    }

    public override async Task DropAsync(SqlDatabase database, string table, CancellationToken ct)
    {
        await using var connection = await ((ServerDatabase)database).OpenAsync(ct);
        if (!IsMariaDb(connection) && await StateAsync(connection, table, ct) is TextIndexState.Ready)
        {
            await connection.RunAsync($"DROP INDEX {table}_text ON {table}", ct);
        }
    }

    private static string Present(string table) =>
        $"SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = '{table}' AND index_name = '{table}_text' AND index_type = 'FULLTEXT'";

    private static bool IsMariaDb(DbConnection connection) => connection.ServerVersion.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);

    private static async Task<TextIndexState> StateAsync(DbConnection connection, string table, CancellationToken ct) =>
        Convert.ToInt64(await connection.AskAsync(Present(table), ct), System.Globalization.CultureInfo.InvariantCulture) > 0 ? TextIndexState.Ready : TextIndexState.Absent;
}
