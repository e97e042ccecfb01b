using Meerkat.Server.Running;
using Meerkat.Server.Tests.Configuration;
using Xunit;

namespace Meerkat.Server.Tests.Running;

/// <summary>Which hosts share a pool of <c>outgoing_pools.http</c>, and so the bound of what is under way (CONF-045, CONF-127, CONF-129).</summary>
public sealed class HttpPoolsTests
{
    [Fact]
    public void Hosts_with_the_same_table_have_one_pool()
    {
        using var pools = Pools("""
            outgoing_pools.http.auth.connection.host = "http://127.0.0.1:1"
            outgoing_pools.http.rooms.connection.host = "http://127.0.0.1:1"

            [[host_config]]
            host = "b.example"
            outgoing_pools.http.rooms.connection.host = "http://127.0.0.1:1"
            """);
        Assert.NotNull(pools.Of("a.example", "auth"));
        Assert.Same(pools.Of("a.example", "auth"), pools.Find("b.example", "auth"));
        Assert.NotSame(pools.Of("a.example", "rooms"), pools.Of("b.example", "rooms"));
        Assert.NotSame(pools.Of("a.example", "auth"), pools.Of("a.example", "rooms"));
        Assert.Null(pools.Of("a.example", "none"));
        Assert.Null(pools.Of("c.example", "auth"));
    }

    [Fact] // CONF-151
    public void A_file_that_is_no_certificate_is_named_by_its_pool()
    {
        var file = Path.GetTempFileName();
        try
        {
            using var pools = Pools($"""
                [outgoing_pools.http.auth.connection]
                host = "https://127.0.0.1:1"
                tls.certfile = "{file}"
                tls.keyfile = "{file}"
                """);
            var refused = Assert.Throws<StartException>(() => pools.Of("a.example", "auth"));
            Assert.StartsWith("the tls table of the pool auth of outgoing_pools.http cannot be used: ", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static HttpPools Pools(string toml) => new(Loading.With(toml).Accepted.HostTypes, TimeProvider.System);
}
