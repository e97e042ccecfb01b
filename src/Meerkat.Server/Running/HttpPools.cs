using System.Collections.Concurrent;
using Meerkat.Connections.Outgoing;
using Meerkat.Core.Hosts;
using Meerkat.Core.Http;

namespace Meerkat.Server.Running;

/// <summary>The pools of <c>outgoing_pools.http</c>, each made when a module first asks for it and shared by the hosts that have the same table.</summary>
internal sealed class HttpPools(IReadOnlyDictionary<string, HostTypeConfiguration> hosts, TimeProvider time) : IHttpPools, IDisposable
{
    private readonly ConcurrentDictionary<HttpPoolOptions, Lazy<HttpPool>> _pools = new();

    public IHttpPool? Find(string host, string tag)
    {
        if (!hosts.TryGetValue(host, out var configuration) || !configuration.Pools.Http.TryGetValue(tag, out var options))
        {
            return null;
        }

        return _pools.GetOrAdd(options, _ => new Lazy<HttpPool>(() => new HttpPool(options, time))).Value;
    }

    public void Dispose()
    {
        foreach (var pool in _pools.Values.Where(pool => pool.IsValueCreated))
        {
            pool.Value.Dispose();
        }
    }
}
