using Meerkat.Conformance.Cluster;
using Meerkat.Core.Tests.Cluster;
using Meerkat.Storage.Redis.Cluster;
using Meerkat.Testing;

namespace Meerkat.Storage.Redis.Tests.Cluster;

/// <summary>Three nodes whose authority is in Redis.</summary>
public sealed class ClusterSessionDirectoryTests : SessionDirectorySuite
{
    private readonly List<RedisPool> _pools = [];
    private TestCluster? _cluster;

    protected override async ValueTask<IReadOnlyList<TestServer>> StartAsync()
    {
        var options = await RedisServers.CreateAsync();
        _cluster = await TestCluster.StartAsync(
            false,
            () =>
            {
                var pool = new RedisPool("test", options);
                _pools.Add(pool);
                return new RedisSessionRegistry(pool);
            },
            "one",
            "two",
            "three");
        return [.. Enumerable.Range(0, _cluster.Count).Select(i => _cluster[i].Server)];
    }

    protected override async ValueTask StopAsync()
    {
        await _cluster!.DisposeAsync();
        foreach (var pool in _pools)
        {
            await pool.DisposeAsync();
        }
    }
}
