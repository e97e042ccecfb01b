using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Meerkat.Cluster.Orleans.Membership;

/// <summary>Takes single rows out of Orleans' table of members in Redis, a hash with a field for each run of a node: Orleans itself removes all that are old.</summary>
internal static class RedisRows
{
    /// <summary>Removes the rows of runs that are dead, which nobody changes any more.</summary>
    public static async Task RemoveAsync(ConfigurationOptions redis, IServiceProvider services, IEnumerable<SiloAddress> runs, CancellationToken ct)
    {
        var cluster = services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        var key = services.GetRequiredService<IOptions<RedisClusteringOptions>>().Value.CreateRedisKey(cluster);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis).WaitAsync(ct);
        await connection.GetDatabase().HashDeleteAsync(key, [.. runs.Select(run => (RedisValue)run.ToString())]).WaitAsync(ct);
    }
}
