using Meerkat.Core.Storage;
using Meerkat.Storage.Cassandra.Connections;
using Meerkat.Storage.Cassandra.Schema;
using Meerkat.Storage.Cassandra.Tests.Double;
using Xunit;
using static Meerkat.Storage.Cassandra.Tests.TestCluster;

namespace Meerkat.Storage.Cassandra.Tests.Schema;

/// <summary>The tables, from nothing and as they stand (CONF-306).</summary>
public sealed class CassandraOperationsTests
{
    [Fact]
    public async Task Tables_are_made_once_and_by_whoever_comes_first()
    {
        await using var cluster = await CassandraDouble.StartAsync(nodes: 2);
        await using var pool = new CassandraPool("test", cluster.Options());
        var operations = new CassandraOperations(pool, TimeProvider.System);
        var before = await operations.StatusAsync(None);
        Assert.Contains("missing  archive_message", before.Text, StringComparison.Ordinal);
        Assert.False(before.IsCurrent || before.IsTooNew);
        await Assert.ThrowsAsync<CassandraSchemaException>(() => operations.PrepareAsync(migrate: false, None));

        await using var other = new CassandraPool("other", cluster.Options());
        await Task.WhenAll(operations.PrepareAsync(migrate: true, None), new CassandraOperations(other, TimeProvider.System).PrepareAsync(migrate: true, None));
        Assert.Empty(await operations.MigrateAsync(None));
        await operations.PrepareAsync(migrate: false, None);
        var after = await operations.StatusAsync(None);
        Assert.EndsWith("up to date", after.Text, StringComparison.Ordinal);
        Assert.True(after is { IsCurrent: true, IsTooNew: false });
        Assert.Equal(ArchiveSchema.Tables.Count(), cluster.Keyspaces.All.Single().Tables.Count);
    }

    [Fact]
    public async Task A_keyspace_that_is_not_there_is_the_operators_to_make()
    {
        await using var cluster = await CassandraDouble.StartAsync(keyspace: null);
        await using var pool = new CassandraPool("test", cluster.Options());
        var refused = await Assert.ThrowsAsync<CassandraSchemaException>(() => new CassandraOperations(pool, TimeProvider.System).PrepareAsync(migrate: true, None));
        Assert.Contains("CREATE KEYSPACE \"meerkat\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keyspace_of_a_later_program_is_refused()
    {
        await using var cluster = await CassandraDouble.StartAsync();
        await using var pool = new CassandraPool("test", cluster.Options());
        var operations = new CassandraOperations(pool, TimeProvider.System);
        await operations.MigrateAsync(None);
        cluster.Run("INSERT INTO meerkat.schema_version (part, version, oldest_compatible) VALUES ('archive', 9, 1)");
        await operations.PrepareAsync(migrate: true, None);
        cluster.Run("INSERT INTO meerkat.schema_version (part, version, oldest_compatible) VALUES ('archive', 9, 9)");
        Assert.True(await operations.StatusAsync(None) is { IsCurrent: false, IsTooNew: true });
        await Assert.ThrowsAsync<CassandraSchemaException>(() => operations.PrepareAsync(migrate: true, None));
        await Assert.ThrowsAsync<CassandraSchemaException>(() => operations.PrepareAsync(migrate: false, None));
    }

    [Fact] // what the migration says must not say that there is no server
    public async Task Without_a_server_there_is_no_migration()
    {
        await using var cluster = await CassandraDouble.StartAsync();
        await cluster.Nodes[0].StopAsync();
        await using var pool = new CassandraPool("test", cluster.Options() with { CallTimeout = TimeSpan.FromMilliseconds(300) });
        await Assert.ThrowsAsync<StorageUnavailableException>(() => new CassandraOperations(pool, TimeProvider.System).PrepareAsync(migrate: true, None));
    }
}
