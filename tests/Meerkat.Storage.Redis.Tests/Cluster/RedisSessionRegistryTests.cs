using Meerkat.Conformance.Cluster;
using Meerkat.Core.Cluster;
using Meerkat.Storage.Redis.Cluster;

namespace Meerkat.Storage.Redis.Tests.Cluster;

public sealed class RedisSessionRegistryTests : SessionRegistrySuite
{
    private RedisPool? _pool;

    protected override async ValueTask<ISessionRegistry> OpenAsync()
    {
        _pool = new RedisPool("test", await RedisServers.CreateAsync());
        return new RedisSessionRegistry(_pool);
    }

    protected override ValueTask CloseAsync() => _pool!.DisposeAsync();
}
