using Meerkat.Core.Access;
using Meerkat.Core.Hosts;
using Xunit;

namespace Meerkat.Core.Tests.Hosts;

/// <summary>CONF-043 to CONF-045.</summary>
public sealed class HostConfigMergeTests
{
    private static readonly AccessClause AllowAll = new() { Acl = "all", Value = AccessValue.Allow };
    private static readonly AccessClause DenyAll = new() { Acl = "all", Value = AccessValue.Deny };
    private static readonly AccessClause DenyGuests = new() { Acl = "guests", Value = AccessValue.Deny };
    private static readonly AccessClause DenyBots = new() { Acl = "bots", Value = AccessValue.Deny };

    [Fact]
    public void Patterns_of_a_class_are_those_of_both() // CONF-043
    {
        var merged = HostConfigMerge.Acl(Named("admin", new AclPattern { User = "ann" }), Named("admin", new AclPattern { User = "bob" }));
        Assert.Equal(["ann", "bob"], merged["admin"].Select(p => p.User));
    }

    [Fact]
    public void A_class_of_one_side_only_stays()
    {
        var merged = HostConfigMerge.Acl(Named("admin", new AclPattern { User = "ann" }), Named("guests", new AclPattern { User = "bob" }));
        Assert.Equal(["admin", "guests"], merged.Keys.Order());
        Assert.Same(merged["admin"], HostConfigMerge.Acl(merged, null)["admin"]);
    }

    [Fact]
    public void A_closing_allow_all_of_the_top_stays_the_last_clause() => // CONF-044
        Assert.Equal([DenyGuests, DenyBots, AllowAll], HostConfigMerge.Access(Named("c2s", DenyGuests, AllowAll), Named("c2s", DenyBots))["c2s"]);

    [Fact]
    public void Other_clauses_of_the_top_go_before_those_of_the_host() // CONF-044
    {
        Assert.Equal([AllowAll, DenyGuests, DenyBots], HostConfigMerge.Access(Named("c2s", AllowAll, DenyGuests), Named("c2s", DenyBots))["c2s"]);
        Assert.Equal([DenyAll, DenyBots], HostConfigMerge.Access(Named("c2s", DenyAll), Named("c2s", DenyBots))["c2s"]);
    }

    [Fact]
    public void A_pool_of_the_host_takes_the_place_of_the_same_tag() // CONF-045, CONF-048
    {
        var merged = HostConfigMerge.Pools(Pools(("default", "a"), ("other", "b")), Pools(("default", "c")));
        Assert.Equal("c", merged.Rdbms["default"].Connection.Path);
        Assert.Equal("b", merged.Rdbms["other"].Connection.Path);
    }

    private static Dictionary<string, IReadOnlyList<T>> Named<T>(string name, params T[] items) => new() { [name] = items };

    private static OutgoingPoolsOptions Pools(params (string Tag, string Path)[] pools) => new()
    {
        Rdbms = pools.ToDictionary(p => p.Tag, p => new RdbmsPoolOptions { Connection = new() { Driver = RdbmsDriver.Sqlite, Path = p.Path } }),
    };
}
