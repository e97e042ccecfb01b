using System.Data.Common;
using Meerkat.Storage.Sql.Servers;
using Npgsql;

namespace Meerkat.Storage.Sql.Mam.TextSearch;

/// <summary>On PostgreSQL: a GIN index of owners and trigrams, by the extensions <c>pg_trgm</c> and <c>btree_gin</c>. The planner finds it by itself, as it serves <c>LIKE</c>.</summary>
/// <remarks>It is built <c>CONCURRENTLY</c>: nobody is kept from writing. Cut off, that leaves an index that is kept up to date, serves nobody and is not valid: it is thrown away and begun anew.</remarks>
internal sealed class PostgresTextIndex : TextIndex
{
    public static readonly PostgresTextIndex Instance = new();

    // "Meerkat" in ASCII is the lock of migrations, which a build of hours must not hold; this is the next number.
    private const string TryLock = "SELECT CASE WHEN pg_try_advisory_lock(21782074764714357) THEN 1 ELSE 0 END";

    private const string Unlock = "SELECT pg_advisory_unlock(21782074764714357)";

    private static readonly string[] s_extensions = ["pg_trgm", "btree_gin"];
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    public override async Task<TextIndexState> StateAsync(SqlDatabase database, string table, CancellationToken ct)
    {
        await using var connection = await ((ServerDatabase)database).OpenAsync(ct);
        return await StateAsync(connection, table, ct);
    }

    public override Task CreateAsync(SqlDatabase database, string table, Action<string> progress, CancellationToken ct) =>
        RunAloneAsync(database, connection => CreateAsync(database, connection, table, progress, ct), ct);

    public override Task DropAsync(SqlDatabase database, string table, CancellationToken ct) =>
        RunAloneAsync(database, connection => connection.RunAsync($"DROP INDEX CONCURRENTLY IF EXISTS {table}_text", ct), ct);

    private static async Task RunAloneAsync(SqlDatabase database, Func<DbConnection, Task> work, CancellationToken ct)
    {
        await using var connection = await ((ServerDatabase)database).OpenAsync(ct);
        if (await connection.AskAsync(TryLock, ct) is not 1)
        {
            throw new TextIndexException("Another process is making the index, or taking it away: wait for it.");
        }

        await work(connection);
        await connection.RunAsync(Unlock, ct); // the end of the connection would free it a moment later, and the next table would find it taken
    }

    private static async Task CreateAsync(SqlDatabase database, DbConnection connection, string table, Action<string> progress, CancellationToken ct)
    {
        foreach (var extension in s_extensions)
        {
            await EnsureExtensionAsync(connection, extension, ct);
        }

        switch (await StateAsync(connection, table, ct))
        {
            case TextIndexState.Ready:
                return;
            case TextIndexState.Unfinished:
                progress("what was left half built is thrown away");
                await connection.RunAsync($"DROP INDEX CONCURRENTLY IF EXISTS {table}_text", ct);
                break;
        }

        await using var watch = await ((ServerDatabase)database).OpenAsync(ct);
        var building = connection.RunAsync($"CREATE INDEX CONCURRENTLY {table}_text ON {table} USING gin (owner_id, search_text gin_trgm_ops)", ct);
        while (await Task.WhenAny(building, Task.Delay(s_pause, ct)) != building && !ct.IsCancellationRequested)
        {
            if (await watch.AskAsync($"SELECT phase || ', ' || blocks_done || ' of ' || blocks_total || ' blocks' FROM pg_stat_progress_create_index WHERE relid = '{table}'::regclass", ct) is string phase)
            {
                progress(phase);
            }
        }

        await building;
    }

    private static async Task<TextIndexState> StateAsync(DbConnection connection, string table, CancellationToken ct) =>
        await connection.AskAsync($"SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = to_regclass('{table}_text') AND indrelid = '{table}'::regclass", ct) switch
        {
            true => TextIndexState.Ready,
            false => TextIndexState.Unfinished,
            _ => TextIndexState.Absent,
        };

    private static async Task EnsureExtensionAsync(DbConnection connection, string extension, CancellationToken ct)
    {
        if (await connection.AskAsync($"SELECT 1 FROM pg_extension WHERE extname = '{extension}'", ct) is not null)
        {
            return;
        }

        try
        {
            await connection.RunAsync($"CREATE EXTENSION IF NOT EXISTS {extension}", ct);
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            var statements = string.Join(' ', s_extensions.Select(wanted => $"CREATE EXTENSION IF NOT EXISTS {wanted};"));
            throw new TextIndexException(
                $"The account of this pool may not make the extension {extension}. Run this as a superuser in the database \"{connection.Database}\", then this command again: {statements}", refused);
        }
        catch (PostgresException missing) when (missing.SqlState is PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.UndefinedFile)
        {
            throw new TextIndexException($"The server does not have the extension {extension}, which comes with PostgreSQL in a package of its own in some systems (postgresql-contrib): install it there.", missing);
        }
    }
}
