using System.Data.Common;
using System.Globalization;
using Meerkat.Core.Hosts;
using Meerkat.Storage.Sql;
using Meerkat.Storage.Sql.Servers;
using Meerkat.Storage.Sql.Sqlite;
using Meerkat.Testing.Databases;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Meerkat.Archive;

/// <summary>A database with one long archive, which the database makes itself out of the first messages of each contact: a million by the store would take an hour.</summary>
internal sealed class ArchiveFiller : IAsyncDisposable
{
    public const int Contacts = 10;
    private const int Step = 100_000;
    private const string Columns = "owner_id, id, remote, remote_hash, resource, sender, flags, origin_id, origin_hash, search_text, xml";

    private readonly Func<DbConnection> _connect;
    private readonly Func<string, string, string> _numbers;
    private readonly string _finish;
    private readonly Func<ValueTask> _end;

    private ArchiveFiller(SqlDatabase database, Func<DbConnection> connect, Func<string, string, string> numbers, string finish, Func<ValueTask> end)
    {
        Database = database;
        _connect = connect;
        _numbers = numbers;
        _finish = finish;
        _end = end;
    }

    public SqlDatabase Database { get; }

    /// <summary>A word that only the message of this id has.</summary>
    public static string WordOf(long id) => $"n{id.ToString(CultureInfo.InvariantCulture)}n";

    public static async Task<ArchiveFiller> OpenAsync(string backend)
    {
        if (backend == "sqlite")
        {
            var folder = Directory.CreateTempSubdirectory("meerkat-bench-");
            var path = Path.Combine(folder.FullName, "archive.sqlite");
            var sqlite = new SqliteDatabase(new SqliteOptions { Path = path });
            return new ArchiveFiller(
                sqlite,
                () => new SqliteConnection($"Data Source={path};Pooling=False;Default Timeout=600"),
                (from, to) => $"WITH RECURSIVE n(g) AS (SELECT {from} UNION ALL SELECT g + 1 FROM n WHERE g < {to}) ",
                "PRAGMA wal_checkpoint(TRUNCATE)",
                async () =>
                {
                    await sqlite.DisposeAsync();
                    folder.Delete(recursive: true);
                });
        }

        var server = await PostgresProcess.CreateAsync();
        var options = new RdbmsPoolOptions
        {
            Connection = new RdbmsConnectionOptions
            {
                Driver = RdbmsDriver.Pgsql, Host = "127.0.0.1", Port = server.Port, Database = "postgres", Username = "meerkat", Password = PostgresProcess.Password, QueryTimeout = TimeSpan.FromMinutes(2),
            },
        };
        var database = new ServerDatabase(backend, options);
        return new ArchiveFiller(
            database,
            () => new NpgsqlConnection($"Host=127.0.0.1;Port={server.Port};Database=postgres;Username=meerkat;Password={PostgresProcess.Password};Pooling=false;Command Timeout=600"),
            (from, to) => $"WITH n(g) AS (SELECT generate_series({from}::bigint, {to}::bigint)) ",
            "VACUUM ANALYZE archive_message",
            async () =>
            {
                await database.DisposeAsync();
                await server.DisposeAsync();
            });
    }

    /// <summary>Adds messages behind one number up to another, which are their ids.</summary>
    public async Task FillAsync(long behind, long to)
    {
        await using var connection = _connect();
        await connection.OpenAsync();
        for (var from = behind + 1; from <= to; from += Step)
        {
            var last = Math.Min(from + Step - 1, to);
            var numbers = _numbers(from.ToString(CultureInfo.InvariantCulture), last.ToString(CultureInfo.InvariantCulture));
            await RunAsync(
                connection,
                $"{numbers}INSERT INTO archive_message ({Columns}) SELECT t.owner_id, n.g, t.remote, t.remote_hash, t.resource, t.sender, t.flags, NULL, NULL, "
                + $"'so this is what people say to each other all day long n' || n.g || 'n', t.xml FROM n JOIN archive_message t ON t.owner_id = (SELECT MIN(owner_id) FROM archive_message) AND t.id = 1 + n.g % {Contacts}");
        }

        await RunAsync(connection, _finish);
    }

    public ValueTask DisposeAsync() => _end();

    private static async Task RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
