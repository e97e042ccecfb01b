using LinqToDB.Data;
using Meerkat.Server.Commands;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Storage.Sql.Sqlite;
using Xunit;

namespace Meerkat.Server.Tests.Commands;

/// <summary>What <c>meerkat database status</c> says.</summary>
public sealed class DatabaseCommandsTests
{
    private static readonly SchemaStep s_first = new(1, "Accounts", IsKnown: true, IsApplied: true);
    private static readonly SchemaStep s_second = new(2, "Rosters", IsKnown: true, IsApplied: false);

    [Fact]
    public void A_current_database_has_a_version_and_nothing_to_do() =>
        Assert.Equal(["  version 1 (Accounts)", "  up to date"], DatabaseCommands.Describe(new DatabaseStatus([s_first], 1)));

    [Fact]
    public void What_a_migration_would_do_is_listed() =>
        Assert.Equal(["  version 1 (Accounts)", "  a migration would do:", "    2 Rosters"], DatabaseCommands.Describe(new DatabaseStatus([s_first, s_second], 1)));

    [Fact]
    public void A_database_that_is_not_there_yet_is_empty() =>
        Assert.Equal(["  empty", "  a migration would do:", "    2 Rosters"], DatabaseCommands.Describe(new DatabaseStatus([s_second], 0)));

    [Fact]
    public void A_database_of_a_newer_program_says_what_it_needs() =>
        Assert.Equal(
            ["  version 3 (Rooms)", "  too new: it needs a program that knows migration 3"],
            DatabaseCommands.Describe(new DatabaseStatus([s_first, new SchemaStep(3, "Rooms", IsKnown: false, IsApplied: true)], 3)));

    [Fact] // a script asks before it upgrades
    public async Task Its_exit_code_says_whether_something_is_to_be_done()
    {
        var folder = Directory.CreateTempSubdirectory("meerkat-status-").FullName;
        try
        {
            var file = Path.Combine(folder, "meerkat.toml");
            await File.WriteAllTextAsync(file, "[general]\n  hosts = [\"localhost\"]\n  default_server_domain = \"localhost\"\n[auth.internal]\n");
            Assert.Equal(3, await RunAsync("status"));
            Assert.False(File.Exists(Path.Combine(folder, "meerkat.sqlite")));
            Assert.Equal(0, await RunAsync("migrate"));
            Assert.Equal(0, await RunAsync("status"));

            await ChangeAsync("INSERT INTO schema_version (version, description) VALUES (999912310001, 'Future')");
            Assert.Equal(0, await RunAsync("status")); // it adds, and disturbs nobody
            await ChangeAsync("UPDATE schema_info SET oldest_compatible = 999912310001");
            Assert.Equal(4, await RunAsync("status"));
            Assert.Equal(1, await RunAsync("migrate"));

            Task<int> RunAsync(string command) => DatabaseCommands.Create().Parse([command, "--config", file, "--data", folder]).InvokeAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task ChangeAsync(string sql)
        {
            await using var database = new SqliteDatabase(new SqliteOptions { Path = Path.Combine(folder, "meerkat.sqlite") });
            await database.WriteAsync(async session => await session.ExecuteAsync(sql, CancellationToken.None), CancellationToken.None);
        }
    }
}
