using LinqToDB.Data;
using Meerkat.Storage.Sql.Schema;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Schema;

public sealed class DatabaseOperationsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task An_empty_database_is_migrated_once_and_stays_so()
    {
        await using var test = TestDatabase.CreateEmpty();
        var operations = new DatabaseOperations(test.Database);

        var before = operations.Status();
        Assert.False(File.Exists(test.Path));
        Assert.NotEmpty(before.Pending);
        Assert.False(before.IsCurrent);

        var applied = await operations.MigrateAsync(None);
        Assert.Equal(before.Steps.Select(s => s.Version), applied.Select(s => s.Version));
        Assert.True(operations.Status().IsCurrent);
        Assert.Empty(await operations.MigrateAsync(None));

        await test.ReopenAsync();
        Assert.True(new DatabaseOperations(test.Database).Status().IsCurrent);
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

    [Fact]
    public async Task Of_several_that_migrate_at_once_one_does_and_the_others_wait()
    {
        await using var test = TestDatabase.CreateEmpty();
        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new DatabaseOperations(test.Database).MigrateAsync(None))));
        Assert.Single(applied, a => a.Count > 0);
        Assert.True(new DatabaseOperations(test.Database).Status().IsCurrent);
    }

    [Fact]
    public async Task Without_leave_to_migrate_a_start_on_an_old_database_fails_and_says_the_command()
    {
        await using var test = TestDatabase.CreateEmpty();
        var operations = new DatabaseOperations(test.Database);
        var error = await Assert.ThrowsAsync<SchemaException>(() => operations.PrepareAsync(migrate: false, None));
        Assert.Contains("meerkat database migrate", error.Message);
        await operations.PrepareAsync(migrate: true, None);
        await operations.PrepareAsync(migrate: false, None);
    }

    [Fact]
    public async Task A_migration_of_a_newer_program_that_only_adds_disturbs_nobody()
    {
        await using var test = await TestDatabase.CreateAsync();
        await test.Database.WriteAsync(async session => await session.ExecuteAsync("INSERT INTO schema_version (version, description) VALUES (999912310001, 'Future')"), None);

        var status = new DatabaseOperations(test.Database).Status();
        Assert.True(status.IsCurrent);
        Assert.Equal(new SchemaStep(9999_1231_0001, "Future", IsKnown: false, IsApplied: true), status.Steps[^1]);
        await new DatabaseOperations(test.Database).PrepareAsync(migrate: false, None);
    }

    [Fact]
    public async Task A_database_that_a_newer_program_changed_too_far_is_refused()
    {
        await using var test = await TestDatabase.CreateAsync();
        await test.Database.WriteAsync(async session => await session.ExecuteAsync("UPDATE schema_info SET oldest_compatible = 999912310001"), None);

        Assert.True(new DatabaseOperations(test.Database).Status().IsTooNew);
        await Assert.ThrowsAsync<SchemaException>(() => new DatabaseOperations(test.Database).PrepareAsync(migrate: true, None));
        await Assert.ThrowsAsync<SchemaException>(() => new DatabaseOperations(test.Database).PrepareAsync(migrate: false, None));
    }
}
