using Meerkat.Core.Hosts;
using Meerkat.Storage.Cassandra.Connections;
using Meerkat.Storage.Cassandra.Tests.Double;

namespace Meerkat.Storage.Cassandra.Tests;

/// <summary>A double with a table of notes, and a pool on it.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public static readonly CancellationToken None = CancellationToken.None;

    private TestCluster(CassandraDouble cluster, CassandraPoolOptions options)
    {
        Double = cluster;
        Options = options;
        Pool = new CassandraPool("test", options);
    }

    public CassandraDouble Double { get; }

    public CassandraPoolOptions Options { get; }

    public CassandraPool Pool { get; }

    public static async Task<TestCluster> StartAsync(int nodes = 1, Func<CassandraPoolOptions, CassandraPoolOptions>? with = null)
    {
        var cluster = await CassandraDouble.StartAsync(nodes);
        cluster.Run("CREATE TABLE meerkat.note (part int, id bigint, body text, PRIMARY KEY (part, id))");
        return new TestCluster(cluster, with?.Invoke(cluster.Options()) ?? cluster.Options());
    }

    public static CqlStatement Add(long id, string body = "x") => new("INSERT INTO meerkat.note (part, id, body) VALUES (?, ?, ?)", 1, id, body);

    public static CqlStatement All => new("SELECT id, body FROM meerkat.note WHERE part = ?", 1);

    public async Task AddAsync(long id) => await Pool.ExecuteAsync(Add(id), None);

    public async Task<IEnumerable<long>> IdsAsync() => (await Pool.ReadAllAsync(All, None)).Select(row => row.Get<long>("id"));

    /// <summary>Waits until something holds; the test fails by its own next line when it never does.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!holds() && !limit.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        await Double.DisposeAsync();
    }
}
