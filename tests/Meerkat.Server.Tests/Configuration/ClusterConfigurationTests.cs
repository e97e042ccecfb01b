using Meerkat.Core.Cluster;
using Xunit;

namespace Meerkat.Server.Tests.Configuration;

/// <summary><c>[cluster]</c>, and what a cluster of several machines cannot have (architecture §4, docs/cluster.md).</summary>
public sealed class ClusterConfigurationTests
{
    private const string Node = "[cluster]\nnode = \"node1\"\nsecret = \"0123456789abcdef\"\n";
    private const string Redis = "[outgoing_pools.redis.default]\n";

    [Fact]
    public void Without_the_section_there_is_no_cluster() => Assert.Null(Loading.With("").Accepted.Cluster);

    [Fact]
    public void A_node_has_the_defaults_of_one_machine()
    {
        var cluster = Loading.With(Node).Accepted.Cluster!;
        Assert.Equal(("node1", "meerkat", "127.0.0.1:7946", true, ClusterMembership.Sql), (cluster.Node, cluster.Name, cluster.EndPoint.ToString(), cluster.IsOnOneMachine, cluster.Membership));
        Assert.Equal(TimeSpan.FromSeconds(10), cluster.FailureTime);
    }

    [Theory]
    [InlineData("redis", "", ClusterMembership.Redis)]
    [InlineData("redis", "membership = \"sql\"\n", ClusterMembership.Sql)]
    [InlineData("cets", "membership = \"redis\"\n", ClusterMembership.Redis)]
    [InlineData("cets", "", ClusterMembership.Sql)]
    public void Members_are_where_the_sessions_are_unless_it_is_said_otherwise(string sessions, string membership, ClusterMembership where) => // CONF-057
        Assert.Equal(where, Loading.Of($"general = {{hosts = [\"a.example\"], default_server_domain = \"a.example\", sm_backend = \"{sessions}\"}}\n[internal_databases.cets]\n{Redis}{Node}{membership}").Accepted.Cluster!.Membership);

    [Theory]
    [InlineData("[cluster]\nsecret = \"0123456789abcdef\"\n", "t.toml:2:2: cluster.node: must be given")]
    [InlineData("[cluster]\nnode = \"node 1\"\nsecret = \"0123456789abcdef\"\n", "t.toml:3:1: cluster.node:")]
    [InlineData("[cluster]\nnode = \"node1\"\nsecret = \"0123456789abcde\"\n", "t.toml:4:1: cluster.secret:")]
    [InlineData("[cluster]\nnode = \"node1\"\n", "needs a secret")]
    [InlineData(Node + "secret_file = \"x\"\n", "one of them is enough")]
    [InlineData(Node + "address = \"node1.example\"\n", "t.toml:5:1: cluster.address:")]
    [InlineData(Node + "address = \"0.0.0.0\"\n", "is no address where other nodes could reach this one")]
    [InlineData(Node + "failure_time = 2\n", "t.toml:5:1: cluster.failure_time:")]
    [InlineData(Node + "membership = \"redis\"\n", "t.toml:5:1: cluster.membership: needs the pool [outgoing_pools.redis.default]")]
    public void What_cannot_be_is_refused_where_it_stands(string toml, string said)
    {
        var loading = Loading.With(toml);
        Assert.Null(loading.Result);
        Assert.Contains(said, loading.Said);
        Assert.DoesNotContain("0123456789abcde", loading.Said); // never a secret
    }

    [Fact] // all at once, each with its line
    public void Nodes_on_several_machines_have_no_embedded_store()
    {
        var loading = Loading.With(Node + """
            address = "10.0.0.1"
            [auth.internal]
            [modules.mod_roster]
              backend = "mnesia"
            [modules.mod_private]
            [modules.mod_stream_management]
              backend = "mnesia"
            [modules.mod_http_upload]
            """);
        Assert.Null(loading.Result);
        var told = loading.Errors.Errors.Where(error => error.Reason == "embedded_store_in_cluster").Select(error => error.ToString()).ToList();
        Assert.Equal(5, told.Count);
        Assert.Contains(told, line => line.StartsWith("t.toml:2:2: cluster: needs the pool [outgoing_pools.rdbms.default]", StringComparison.Ordinal));
        Assert.Contains(told, line => line.StartsWith("t.toml:6:2: auth.internal: keeps accounts in the embedded database", StringComparison.Ordinal));
        Assert.Contains(told, line => line.StartsWith("t.toml:8:3: modules.mod_roster.backend: is \"mnesia\"", StringComparison.Ordinal));
        Assert.Contains(told, line => line.Contains("modules.mod_private.backend: is \"mnesia\"", StringComparison.Ordinal));
        Assert.Contains(told, line => line.Contains("modules.mod_http_upload: keeps files on the machine's disk", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("one_machine = true\n[auth.internal]\n[modules.mod_roster]\n")]
    [InlineData("[auth.rdbms]\n[modules.mod_roster]\nbackend = \"rdbms\"\n[modules.mod_stream_management]\n[outgoing_pools.rdbms.default.connection]\ndriver = \"pgsql\"\nhost = \"db\"\ndatabase = \"m\"\nusername = \"m\"\npassword = \"p\"\n")]
    public void Servers_are_shared_and_so_is_a_folder(string more) => Assert.NotNull(Loading.With(Node + "address = \"10.0.0.1\"\n" + more).Accepted.Cluster);

    [Fact]
    public void A_file_is_no_shared_database() => Assert.Contains(
        "outgoing_pools.rdbms.default.connection.driver: is \"sqlite\", a file, which the nodes of a cluster on several machines cannot share",
        Loading.With(Node + "address = \"10.0.0.1\"\n[outgoing_pools.rdbms.default.connection]\ndriver = \"sqlite\"\npath = \"x\"\n").Said);
}
