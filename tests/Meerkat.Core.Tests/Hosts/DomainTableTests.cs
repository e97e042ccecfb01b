using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Hosts;

/// <summary>Which names are served, as domains come and go (CORE-235, CORE-244 to CORE-246).</summary>
public sealed class DomainTableTests
{
    private static readonly BareJid s_one = BareJid.Parse("one.example");
    private static readonly BareJid s_two = BareJid.Parse("two.example");
    private static readonly BareJid s_taken = BareJid.Parse("rooms.one.example");

    [Fact] // CORE-244: a prefix is one service a domain, a fixed name one for the host type
    public async Task A_domain_comes_and_goes_with_its_subdomains()
    {
        await using var server = await StartAsync();
        var (table, free) = (server.Context.Domains, server.Context.Domains.FindHostType("free")!);
        Assert.Empty(table.Add(s_one, free));
        Assert.Empty(table.Add(s_two, free));

        Assert.True(table.TryFindAccounts("one.example", out var one));
        Assert.Same(free, one.Host);
        Assert.Equal("one.example", one.Home);
        Assert.True(table.TryFind("rooms.one.example", out var rooms));
        Assert.Equal((s_one, "one.example"), (rooms.Parent, rooms.Home));
        Assert.False(table.TryFindAccounts("rooms.one.example", out _)); // CORE-245
        Assert.Equal(["rooms.one.example", "shared.example"], table.ServicesOf(one).Select(found => found.Jid.Domain));

        Assert.True(table.Remove(s_one));
        Assert.False(table.Remove(s_one));
        Assert.False(table.TryFind("one.example", out _));
        Assert.False(table.TryFind("rooms.one.example", out _));
        Assert.True(table.TryFind("rooms.two.example", out _));
        Assert.True(table.TryFind("shared.example", out var shared));
        Assert.Null(shared.Parent);
        Assert.False(table.Remove(BareJid.Parse("rooms.two.example"))); // no domain with accounts
    }

    [Fact] // CORE-244: collisions are told; a domain wins, and the subdomain is back when it goes
    public async Task A_domain_wins_over_a_subdomain_of_its_name()
    {
        await using var server = await StartAsync();
        var (table, free) = (server.Context.Domains, server.Context.Domains.FindHostType("free")!);
        table.Add(s_one, free);
        Assert.Equal(["rooms.one.example"], table.Add(s_taken, free));
        Assert.True(table.TryFindAccounts("rooms.one.example", out _));

        table.Remove(s_taken);
        Assert.True(table.TryFind("rooms.one.example", out var rooms));
        Assert.NotNull(rooms.Service);

        table.Remove(s_one);
        Assert.Empty(table.Add(s_taken, free));
        Assert.Equal(["rooms.one.example"], table.Add(s_one, free));
        Assert.True(table.TryFindAccounts("rooms.one.example", out _)); // the parent's coming does not take it away
        table.Remove(s_one);
        Assert.True(table.TryFindAccounts("rooms.one.example", out _)); // nor its going
    }

    [Fact] // CORE-244: of two subdomains the first is kept
    public async Task Of_two_subdomains_of_one_name_the_first_is_served_and_then_the_other()
    {
        await using var server = await StartAsync();
        var (table, free) = (server.Context.Domains, server.Context.Domains.FindHostType("free")!);
        var deep = BareJid.Parse("deep.one.example");
        table.Add(deep, free);             // rooms.deep.one.example
        Assert.Equal(["rooms.deep.one.example"], table.Add(s_one, server.Context.Domains.FindHostType("deep")!));
        Assert.True(table.TryFind("rooms.deep.one.example", out var first));
        Assert.Equal(deep, first.Parent);
        table.Remove(deep);
        Assert.True(table.TryFind("rooms.deep.one.example", out var second));
        Assert.Equal(s_one, second.Parent);
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(with =>
    {
        with.HostTypes = ["free", "deep"];
        with.Module<RoomsModule>();
    });

    [Module("mod_test_rooms")]
    private sealed class RoomsModule(HostType host) : IModule
    {
        public void Register(IModuleRegistry on)
        {
            on.Service(host.Name == "deep" ? "rooms.deep.@HOST@" : "rooms.@HOST@", new Nothing());
            if (host.Name == "free")
            {
                on.Service("shared.example", new Nothing());
            }
        }

        private sealed class Nothing : IService
        {
            public string? Name => null;

            public ValueTask HandleAsync(Stanza stanza, CancellationToken ct) => ValueTask.CompletedTask;
        }
    }
}
