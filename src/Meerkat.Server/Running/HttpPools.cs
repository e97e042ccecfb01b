using System.Collections.Concurrent;
using System.Security.Cryptography;
using Meerkat.Connections.Outgoing;
using Meerkat.Core.Hosts;
using Meerkat.Core.Http;

namespace Meerkat.Server.Running;

/// <summary>The pools of <c>outgoing_pools.http</c>, each made when somebody first asks for it and shared by the hosts that have the same table.</summary>
internal sealed class HttpPools(IReadOnlyDictionary<string, HostTypeConfiguration> hosts, TimeProvider time) : IHttpPools, IDisposable
{
    // By the table, not by what it says: two tags that say the same have each as many workers as they say.
    private readonly ConcurrentDictionary<HttpPoolOptions, Lazy<HttpPool>> _pools = new(ReferenceEqualityComparer.Instance);

    public IHttpPool? Find(string host, string tag) => Of(host, tag);

    /// <summary>As <see cref="Find"/>.</summary>
    /// <exception cref="StartException">A file of its <c>tls</c> table cannot be used.</exception>
    public HttpPool? Of(string host, string tag)
    {
        if (!hosts.TryGetValue(host, out var configuration) || !configuration.Pools.Http.TryGetValue(tag, out var options))
        {
            return null;
        }

        try
        {
            return _pools.GetOrAdd(options, _ => new Lazy<HttpPool>(() => new HttpPool(options, time))).Value;
        }
        catch (CryptographicException unusable)
        {
            throw new StartException($"the tls table of the pool {tag} of outgoing_pools.http cannot be used: {unusable.Message}", unusable);
        }
    }

    public void Dispose()
    {
        foreach (var pool in _pools.Values.Where(pool => pool.IsValueCreated))
        {
            pool.Value.Dispose();
        }
    }
}
