using Meerkat.Cluster.Orleans.Tls;
using Xunit;

namespace Meerkat.Cluster.Orleans.Tests.Tls;

/// <summary>The key of a cluster (architecture §6: mutual TLS from the cluster's secret; OPS-013).</summary>
public sealed class ClusterKeyTests
{
    [Fact]
    public void Nodes_that_know_the_secret_have_one_key_whatever_their_certificates_say()
    {
        using var one = Make("correct horse battery", "c");
        using var other = Make("correct horse battery", "c");
        Assert.NotEqual(one.Certificate.SerialNumber, other.Certificate.SerialNumber);
        Assert.True(one.Certificate.HasPrivateKey);
        Assert.True(one.Fits(other.Certificate));
        Assert.True(other.Fits(one.Certificate));
    }

    [Theory]
    [InlineData("correct horse batterz", "c")]
    [InlineData("correct horse battery", "d")]
    public void Another_secret_or_another_cluster_makes_another_key(string secret, string cluster)
    {
        using var one = Make("correct horse battery", "c");
        using var other = Make(secret, cluster);
        Assert.False(one.Fits(other.Certificate));
        Assert.False(one.Fits(null));
    }

    private static ClusterKey Make(string secret, string cluster) => ClusterKey.Make(secret, cluster, TimeProvider.System);
}
