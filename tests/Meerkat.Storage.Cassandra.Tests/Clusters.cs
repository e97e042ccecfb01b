using System.Globalization;
using Meerkat.Conformance;
using Meerkat.Core.Hosts;
using Meerkat.Storage.Cassandra.Connections;
using Meerkat.Storage.Cassandra.Schema;
using Meerkat.Storage.Cassandra.Tests.Double;
using Xunit;

namespace Meerkat.Storage.Cassandra.Tests;

/// <summary>Stores of this project on a fresh keyspace.</summary>
public abstract class CassandraSourceAttribute : StoreSourceAttribute
{
    public sealed override async ValueTask<OpenedStore> OpenAsync(Type contract)
    {
        var (pool, closeAsync) = await OpenPoolAsync();
        await new CassandraOperations(pool, TimeProvider.System).PrepareAsync(migrate: true, CancellationToken.None);
        return new OpenedStore(new CassandraStores(TimeProvider.System).Create(contract, pool) ?? throw new InvalidOperationException($"no store for {contract}"), closeAsync);
    }

    private protected abstract ValueTask<(CassandraPool Pool, Func<ValueTask> CloseAsync)> OpenPoolAsync();
}

/// <summary>On the double, which every test has for itself.</summary>
public sealed class OnDoubleAttribute : CassandraSourceAttribute
{
    private protected override async ValueTask<(CassandraPool, Func<ValueTask>)> OpenPoolAsync()
    {
        var cluster = await CassandraDouble.StartAsync();
        var pool = new CassandraPool("test", cluster.Options());
        return (pool, async () =>
        {
            await pool.DisposeAsync();
            await cluster.DisposeAsync();
        });
    }
}

/// <summary>On the Cassandra that <c>MEERKAT_TEST_CASSANDRA</c> names: <c>host:port</c>, or <c>host:port:user:password</c>. Who connects may make keyspaces.</summary>
public sealed class OnCassandraAttribute : CassandraSourceAttribute
{
    private static int s_last;

    private protected override async ValueTask<(CassandraPool, Func<ValueTask>)> OpenPoolAsync()
    {
        var given = Environment.GetEnvironmentVariable("MEERKAT_TEST_CASSANDRA");
        Assert.SkipWhen(string.IsNullOrEmpty(given), "MEERKAT_TEST_CASSANDRA=host:port names no Cassandra");
        var parts = given!.Split(':', 4);
        var keyspace = $"meerkat_test_{Environment.ProcessId}_{Interlocked.Increment(ref s_last)}";
        var pool = new CassandraPool("test", new CassandraPoolOptions
        {
            Workers = 2,
            CallTimeout = TimeSpan.FromSeconds(30),
            Connection = new()
            {
                Servers = [new() { Host = parts[0], Port = int.Parse(parts[1], CultureInfo.InvariantCulture) }],
                Keyspace = keyspace,
                Auth = parts is [_, _, var user, var password] ? new() { Plain = new() { Username = user, Password = password } } : null,
            },
        });
        await pool.ExecuteAsync(new($"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}") { IsPrepared = false }, CancellationToken.None);
        return (pool, async () =>
        {
            await pool.ExecuteAsync(new($"DROP KEYSPACE {keyspace}") { IsPrepared = false }, CancellationToken.None);
            await pool.DisposeAsync();
        });
    }
}
