using Microsoft.Data.Sqlite;

namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>The prepared statements of one connection, by their text: linq2db makes a new command for every query, and preparing one costs more than most of ours take to run.</summary>
/// <remarks>As safe for concurrent use as its connection: not at all.</remarks>
internal sealed class SqliteStatements(SqliteConnection connection) : IDisposable
{
    /// <summary>Texts that differ only by the length of a list must not fill the memory.</summary>
    private const int Bound = 256;

    private readonly Dictionary<string, SqliteCommand> _free = new(StringComparer.Ordinal);

    /// <summary>A command with that text, which nobody else uses until it is given back.</summary>
    public SqliteCommand Take(string text) =>
        _free.Remove(text, out var statement) ? statement : new SqliteCommand(text, connection);

    public void GiveBack(SqliteCommand statement)
    {
        statement.Parameters.Clear();
        if (_free.Count >= Bound)
        {
            Dispose();
        }

        if (!_free.TryAdd(statement.CommandText, statement))
        {
            statement.Dispose(); // the same query ran twice at once, one inside the other's reader
        }
    }

    public void Dispose()
    {
        foreach (var statement in _free.Values)
        {
            statement.Dispose();
        }

        _free.Clear();
    }
}
