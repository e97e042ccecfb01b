using Meerkat.Hostile;
using Meerkat.Testing.Databases;
using Npgsql;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>As <see cref="CrashTests"/>, with everything in PostgreSQL: the server is killed, and, separately, the database is, while messages are archived.</summary>
[Collection("Server processes under load")] // one at a time
public sealed class DatabaseCrashTests
{
    [Fact] // architecture §2: an acknowledged h covers what is committed
    public async Task Nothing_acknowledged_is_lost_when_the_server_is_killed()
    {
        await using var database = await StartAsync();
        var ledger = await CrashRounds.KillServerAsync(CrashRounds.Seed(), CrashRounds.Kills(3), toml => OnPostgres(toml, database));
        Assert.True(ledger.AcknowledgedMessages > 0 && ledger.AcknowledgedResults > 0, $"{ledger}");
    }

    [Fact] // and a server whose database was killed goes on by itself when it is back
    public async Task Nothing_acknowledged_is_lost_when_the_database_is_killed()
    {
        await using var database = await StartAsync();
        var ledger = await CrashRounds.KillDatabaseAsync(CrashRounds.Seed(), CrashRounds.Kills(3), database, toml => OnPostgres(toml, database));
        Assert.True(ledger.AcknowledgedMessages > 0 && ledger.AcknowledgedResults > 0, $"{ledger}");
        Assert.True(ledger.RefusedMessages < ledger.AcknowledgedMessages, $"most was refused, so that the test means little: {ledger}");
    }

    [Fact] // the tests above can fail
    public async Task What_is_dropped_after_its_acknowledgement_is_missed()
    {
        await using var database = await StartAsync();
        var ledger = new CrashLedger { Patience = TimeSpan.FromSeconds(1) };
        await using var server = await ServerProcess.StartAsync(toml => OnPostgres(toml, database));
        await CrashRounds.WriteUntilKilledAsync(server, ledger, 1, 0);
        await using (var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={database.Port};Database=postgres;Username=meerkat;Password={PostgresProcess.Password};Pooling=false"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new NpgsqlCommand("DELETE FROM archive_message WHERE ctid = (SELECT MIN(ctid) FROM archive_message)", connection);
            Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        await server.RestartAsync();
        await ledger.ReadBackAsync(server);
        Assert.Single(ledger.Lost, lost => lost.StartsWith("archive", StringComparison.Ordinal));
    }

    private static async Task<PostgresProcess> StartAsync()
    {
        Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
        return await PostgresProcess.CreateAsync(durable: true);
    }

    private static string OnPostgres(string toml, PostgresProcess database)
    {
        foreach (var module in (string[])["mod_offline", "mod_private", "mod_roster", "mod_last"])
        {
            toml = toml.Replace($"[modules.{module}]\n", $"[modules.{module}]\nbackend = \"rdbms\"\n", StringComparison.Ordinal);
        }

        return toml.Replace("[auth.internal]", "[auth.rdbms]", StringComparison.Ordinal) + $"""

            [outgoing_pools.rdbms.default]
              workers = 5
              [outgoing_pools.rdbms.default.connection]
                driver = "pgsql"
                host = "127.0.0.1"
                port = {database.Port}
                database = "postgres"
                username = "meerkat"
                password = "{PostgresProcess.Password}"
                max_start_interval = 1
            """;
    }
}
