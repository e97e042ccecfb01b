namespace Meerkat.Storage.Sql.Mam.TextSearch;

/// <summary>What an operator may do about the index over the texts of a database's archives (<c>meerkat database text-index</c>, docs/decisions/0005): have it or not. No migration makes one.</summary>
/// <remarks>Beside running servers, whose searches use it as soon as it is ready and find the same without it. The schema must be up to date.</remarks>
public sealed class TextIndexOperations(SqlDatabase database)
{
    private static readonly string[] s_tables = ["archive_message", "archive_room_message"];

    /// <summary>How it stands.</summary>
    /// <returns>For each table of messages: those of accounts, and those of rooms.</returns>
    public async Task<IReadOnlyDictionary<string, TextIndexState>> StatusAsync(CancellationToken ct)
    {
        var states = new Dictionary<string, TextIndexState>(StringComparer.Ordinal);
        foreach (var table in s_tables)
        {
            states[table] = await database.Dialect.TextIndex.StateAsync(database, table, ct);
        }

        return states;
    }

    /// <summary>Makes it where it is not. Servers go on meanwhile. Cut off, it goes on where it was when it is run again (SQLite), or begins anew (PostgreSQL, MySQL).</summary>
    /// <param name="progress">Told how far it is, for people, some times a second or less.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="TextIndexException">The database has no such index, or rights are missing.</exception>
    public async Task CreateAsync(Action<string> progress, CancellationToken ct)
    {
        foreach (var table in s_tables)
        {
            await database.Dialect.TextIndex.CreateAsync(database, table, text => progress($"{table}: {text}"), ct);
        }
    }

    /// <summary>Takes it away, whole or half.</summary>
    /// <exception cref="TextIndexException">Somebody is making it.</exception>
    public async Task DropAsync(CancellationToken ct)
    {
        foreach (var table in s_tables)
        {
            await database.Dialect.TextIndex.DropAsync(database, table, ct);
        }
    }
}
