using System.Security.Cryptography;
using Meerkat.Cluster.Orleans;
using Meerkat.Core.Cluster;
using Meerkat.Server.Configuration;
using Meerkat.Storage.Redis;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>Makes the server a node of the cluster that its configuration names.</summary>
internal static class ClusterNodes
{
    private const int ShortestSecret = 16; // as cluster.secret

    /// <summary>The node, which has not joined yet.</summary>
    /// <exception cref="StartException">The secret cannot be read, or a file of the Redis pool's <c>tls</c> table cannot be used.</exception>
    public static OrleansCluster Create(MeerkatConfiguration configuration, DataFolder folder, IMemberStore members, IClusterHost host, TimeProvider time, ILoggerFactory loggers)
    {
        var options = configuration.Cluster!;
        var secret = options.Secret ?? folder.Password(options.SecretFile!);
        if (secret.Length < ShortestSecret)
        {
            throw new StartException($"the cluster's secret in {options.SecretFile} has {secret.Length} characters; at least {ShortestSecret} are needed");
        }

        try
        {
            var redis = options.Membership is ClusterMembership.Redis ? RedisPool.ConfigurationOf(configuration.Pools.Redis[ConfigurationChecks.DefaultPool]) : null;
            return new OrleansCluster(new OrleansClusterSettings(options, secret, host) { Store = members, Redis = redis }, time, loggers);
        }
        catch (CryptographicException unusable)
        {
            throw new StartException($"the tls table of the Redis pool {ConfigurationChecks.DefaultPool} cannot be used: {unusable.Message}", unusable);
        }
    }
}
