using System.Collections.Concurrent;
using System.Globalization;
using Meerkat.Core.Hosts;
using Meerkat.Storage.Sql.Tests;
using Meerkat.Testing.Databases;
using MySqlConnector;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(DatabaseServers))]

namespace Meerkat.Storage.Sql.Tests;

/// <summary>The database servers of this run: one of each kind, started by the first test that wants it, gone after the last.</summary>
public sealed class DatabaseServers : IAsyncDisposable
{
    private const string Template = "meerkat_template";
    private static readonly string? s_mySql = Environment.GetEnvironmentVariable("MEERKAT_TEST_MYSQL");
    private static readonly Lazy<Task<PostgresProcess>> s_postgres = new(StartPostgresAsync);
    private static readonly Lazy<Task<MariaDbProcess>> s_mariaDb = new(() => MariaDbProcess.CreateAsync());
    private static readonly ConcurrentBag<RdbmsPoolOptions> s_reusable = [];
    private static int s_last;

    /// <summary>The pool of a new database on PostgreSQL: a copy of one that was migrated once, or an empty one.</summary>
    internal static async Task<RdbmsPoolOptions> CreatePostgresAsync(bool migrated)
    {
        Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
        var server = await s_postgres.Value;
        var name = $"test{Interlocked.Increment(ref s_last)}";
        await AskPostgresAsync(server, $"CREATE DATABASE {name} TEMPLATE {(migrated ? Template : "template0")}");
        return PostgresOptions(server, name);
    }

    internal static RdbmsPoolOptions PostgresOptions(PostgresProcess server, string database) =>
        Options(RdbmsDriver.Pgsql, "127.0.0.1", server.Port, database, "meerkat", PostgresProcess.Password);

    internal static async Task AskPostgresAsync(PostgresProcess server, string sql)
    {
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={server.Port};Database=postgres;Username=meerkat;Password={PostgresProcess.Password};Pooling=false;Timeout=60;Command Timeout=60");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The pool of a new database on MariaDB.</summary>
    internal static async Task<RdbmsPoolOptions> CreateMariaDbAsync(bool migrated)
    {
        Assert.SkipWhen(MariaDbProcess.Missing is not null, MariaDbProcess.Missing ?? "");
        var server = await s_mariaDb.Value;
        return await CreateMySqlAsync(MariaDbOptions(server, "mysql"), migrated);
    }

    /// <summary>The pool of a new database on the MySQL server that is given; its account may make databases.</summary>
    internal static async Task<RdbmsPoolOptions> CreateMySqlAsync(bool migrated)
    {
        Assert.SkipWhen(s_mySql is null, "MEERKAT_TEST_MYSQL=host:port:user:password names no MySQL 8");
        var parts = s_mySql!.Split(':', 4);
        return await CreateMySqlAsync(Options(RdbmsDriver.Mysql, parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), "mysql", parts[2], parts[3]), migrated);
    }

    internal static RdbmsPoolOptions MariaDbOptions(MariaDbProcess server, string database) =>
        Options(RdbmsDriver.Mysql, "127.0.0.1", server.Port, database, "meerkat", MariaDbProcess.Password);

    internal static async Task AskMySqlAsync(RdbmsPoolOptions options, string sql)
    {
        var on = options.Connection;
        await using var connection = new MySqlConnection($"Server={on.Host};Port={on.Port};Database=mysql;UserID={on.Username};Password={on.Password};Pooling=false;AllowPublicKeyRetrieval=true;SslMode=None");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Empties every table but those about the schema.</summary>
    internal static async Task GiveBackAsync(RdbmsPoolOptions options)
    {
        var on = options.Connection;
        await using var connection = new MySqlConnection($"Server={on.Host};Port={on.Port};Database={on.Database};UserID={on.Username};Password={on.Password};Pooling=false;AllowPublicKeyRetrieval=true;SslMode=None");
        await connection.OpenAsync();
        var tables = new List<string>();
        await using (var command = new MySqlCommand("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name NOT LIKE 'schema%'", connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        tables.Remove("domain_clock"); // one row, which is always there
        await using var emptying = new MySqlCommand($"SET foreign_key_checks = 0; UPDATE domain_clock SET last_event = 0; {string.Join("; ", tables.Select(table => $"DELETE FROM `{table}`"))}", connection);
        await emptying.ExecuteNonQueryAsync();
        s_reusable.Add(options);
    }

    /// <summary>Takes a database away from somebody's server. Ours goes with its folder, and drops nothing while others look a schema up: MariaDB 10.11 was seen to die (SIGSEGV) of such a look-up.</summary>
    internal static async Task LeaveAsync(RdbmsPoolOptions options)
    {
        if (!s_mariaDb.IsValueCreated || (await s_mariaDb.Value).Port != options.Connection.Port)
        {
            await DropAsync(options);
        }
    }

    internal static Task DropAsync(RdbmsPoolOptions options) => AskMySqlAsync(options, $"DROP DATABASE {options.Connection.Database}");

    public async ValueTask DisposeAsync()
    {
        foreach (var options in s_reusable)
        {
            await DropAsync(options); // it may be somebody's server
        }

        if (s_mariaDb.IsValueCreated)
        {
            await (await s_mariaDb.Value).DisposeAsync();
        }

        if (s_postgres.IsValueCreated)
        {
            await (await s_postgres.Value).DisposeAsync();
        }
    }

    private static RdbmsPoolOptions Options(RdbmsDriver driver, string host, int port, string database, string user, string password) => new()
    {
        Connection = new RdbmsConnectionOptions { Driver = driver, Host = host, Port = port, Database = database, Username = user, Password = password },
    };

    private static async Task<RdbmsPoolOptions> CreateMySqlAsync(RdbmsPoolOptions server, bool migrated)
    {
        if (migrated)
        {
            var wanted = (server.Connection.Host, server.Connection.Port);
            for (var left = s_reusable.Count; left > 0 && s_reusable.TryTake(out var used); left--)
            {
                if ((used.Connection.Host, used.Connection.Port) == wanted)
                {
                    return used;
                }

                s_reusable.Add(used);
            }
        }

        var options = server with { Connection = server.Connection with { Database = $"meerkat_test_{Environment.ProcessId}_{Interlocked.Increment(ref s_last)}" } };
        await AskMySqlAsync(server, $"CREATE DATABASE {options.Connection.Database}");
        if (migrated)
        {
            await ServerTestDatabase.MigrateAsync(options);
        }

        return options;
    }

    private static async Task<PostgresProcess> StartPostgresAsync()
    {
        var server = await PostgresProcess.CreateAsync();
        await AskPostgresAsync(server, $"CREATE DATABASE {Template} TEMPLATE template0");
        await ServerTestDatabase.MigrateAsync(PostgresOptions(server, Template));
        return server;
    }
}
