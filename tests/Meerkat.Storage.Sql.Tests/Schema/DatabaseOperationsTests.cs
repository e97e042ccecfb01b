using LinqToDB.Data;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Storage.Sql.Sqlite;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Schema;

public sealed class DatabaseOperationsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task An_empty_database_is_migrated_once_and_stays_so(Backend backend)
    {
        await using var test = await backend.CreateAsync(migrated: false);
        var operations = new DatabaseOperations(test.Database);

        var before = await operations.StatusAsync(None);
        Assert.False(test is TestDatabase file && File.Exists(file.Path));
        Assert.NotEmpty(before.Pending);
        Assert.False(before.IsCurrent);

        var applied = await operations.MigrateAsync(None);
        Assert.Equal(before.Steps.Select(s => s.Version), applied.Select(s => s.Version));
        Assert.True((await operations.StatusAsync(None)).IsCurrent);
        Assert.Empty(await operations.MigrateAsync(None));

        await test.ReopenAsync();
        Assert.True((await new DatabaseOperations(test.Database).StatusAsync(None)).IsCurrent);
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task A_database_of_every_earlier_version_is_brought_up_to_date_and_keeps_its_rows(Backend backend)
    {
        var versions = (await new DatabaseOperations(new SqliteDatabase(new SqliteOptions { Path = "/nowhere/at.all" })).StatusAsync(None)).Steps.Select(step => step.Version).ToArray();
        foreach (var version in versions)
        {
            await using var test = await backend.CreateAsync(migrated: false);
            var operations = new DatabaseOperations(test.Database);
            await operations.MigrateAsync(version, None);
            Assert.Equal(version, (await operations.StatusAsync(None)).Steps.Last(step => step.IsApplied).Version);
            var hasOwners = version >= 2026_1122_0010;
            if (hasOwners)
            {
                await test.Database.WriteAsync(async session => await session.ExecuteAsync("INSERT INTO owner (domain, localpart) VALUES ('one.example', 'alice')"), None);
            }

            Assert.Equal(versions.Count(v => v > version), (await operations.MigrateAsync(None)).Count);
            Assert.True((await operations.StatusAsync(None)).IsCurrent);
            Assert.Equal(hasOwners ? 1 : 0, await test.Database.ReadAsync(async session => await session.ExecuteAsync<int>("SELECT COUNT(*) FROM owner"), None));
        }
    }

    // Where the schema cannot be changed in a transaction, a migration may be cut off between any two of its steps: what was not written down is done again, and skips what is there.
    [Theory, InlineData(Backend.MariaDb), InlineData(Backend.MySql)]
    public async Task A_migration_that_was_cut_off_goes_on_where_it_was(Backend backend)
    {
        await using var test = await backend.CreateAsync();
        var whole = await SchemaAsync(test);
        string[] cuts = ["", "DROP TABLE roster_item", "ALTER TABLE offline_message DROP FOREIGN KEY offline_message_owner", "DROP INDEX owner_name ON owner"];
        foreach (var cut in cuts)
        {
            await test.Database.WriteAsync(
                async session =>
                {
                    await session.ExecuteAsync("DELETE FROM schema_version");
                    return cut.Length == 0 ? 0 : await session.ExecuteAsync(cut);
                },
                None);
            await new DatabaseOperations(test.Database).MigrateAsync(None);
            Assert.Equal(whole, await SchemaAsync(test));
        }

        Assert.Equal(1, await test.Database.ReadAsync(async session => await session.ExecuteAsync<int>("SELECT COUNT(*) FROM schema_info"), None));
    }

    // A database whose own character set folds case, or knows little, must not matter.
    [Theory, InlineData(Backend.MariaDb), InlineData(Backend.MySql)]
    public async Task Every_text_column_is_compared_by_its_bytes(Backend backend)
    {
        await using var test = await backend.CreateAsync();
        var others = await test.Database.ReadAsync(
            async session => await session.QueryToListAsync<string>(
                "SELECT CONCAT(table_name, '.', column_name, ' ', collation_name) FROM information_schema.columns WHERE table_schema = DATABASE() AND collation_name IS NOT NULL "
                + "AND collation_name <> 'utf8mb4_bin' AND table_name <> 'schema_version'",
                None),
            None);
        Assert.Empty(others);
    }

    [Fact]
    public async Task The_file_is_for_the_servers_user_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        Assert.All(
            new[] { test.Path, test.Path + "-wal" },
            path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(path).UnixFileMode));
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Of_several_that_migrate_at_once_one_does_and_the_others_wait(Backend backend)
    {
        await using var test = await backend.CreateAsync(migrated: false);
        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new DatabaseOperations(test.Database).MigrateAsync(None))));
        Assert.Single(applied, a => a.Count > 0);
        Assert.True((await new DatabaseOperations(test.Database).StatusAsync(None)).IsCurrent);
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Without_leave_to_migrate_a_start_on_an_old_database_fails_and_says_the_command(Backend backend)
    {
        await using var test = await backend.CreateAsync(migrated: false);
        var operations = new DatabaseOperations(test.Database);
        var error = await Assert.ThrowsAsync<SchemaException>(() => operations.PrepareAsync(migrate: false, None));
        Assert.Contains("meerkat database migrate", error.Message);
        await operations.PrepareAsync(migrate: true, None);
        await operations.PrepareAsync(migrate: false, None);
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task A_migration_of_a_newer_program_that_only_adds_disturbs_nobody(Backend backend)
    {
        await using var test = await backend.CreateAsync();
        await test.Database.WriteAsync(async session => await session.ExecuteAsync("INSERT INTO schema_version (version, description) VALUES (999912310001, 'Future')"), None);

        var status = await new DatabaseOperations(test.Database).StatusAsync(None);
        Assert.True(status.IsCurrent);
        Assert.Equal(new SchemaStep(9999_1231_0001, "Future", IsKnown: false, IsApplied: true), status.Steps[^1]);
        await new DatabaseOperations(test.Database).PrepareAsync(migrate: false, None);
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task A_database_that_a_newer_program_changed_too_far_is_refused(Backend backend)
    {
        await using var test = await backend.CreateAsync();
        await test.Database.WriteAsync(async session => await session.ExecuteAsync("UPDATE schema_info SET oldest_compatible = 999912310001"), None);

        Assert.True((await new DatabaseOperations(test.Database).StatusAsync(None)).IsTooNew);
        await Assert.ThrowsAsync<SchemaException>(() => new DatabaseOperations(test.Database).PrepareAsync(migrate: true, None));
        await Assert.ThrowsAsync<SchemaException>(() => new DatabaseOperations(test.Database).PrepareAsync(migrate: false, None));
    }

    private static ValueTask<List<string>> SchemaAsync(ITestDatabase test) => test.Database.ReadAsync(
        async session => await session.QueryToListAsync<string>(
            "SELECT CONCAT(table_name, '.', column_name, ' ', column_type, ' ', is_nullable, ' ', column_key) AS line FROM information_schema.columns WHERE table_schema = DATABASE() "
            + "UNION ALL SELECT CONCAT(table_name, '/', index_name, ' ', seq_in_index, ' ', column_name) FROM information_schema.statistics WHERE table_schema = DATABASE() "
            + "UNION ALL SELECT CONCAT(table_name, '!', constraint_name) FROM information_schema.table_constraints WHERE table_schema = DATABASE() ORDER BY line",
            None),
        None);
}
