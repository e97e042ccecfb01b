using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Core.Tests.Modules;

/// <summary>How modules come together: order, needs, contracts, and what does not fit.</summary>
public sealed class ModuleTests
{
    [Fact] // CONF-219
    public void A_module_starts_after_what_it_needs_and_uses()
    {
        var catalogue = new ModuleCatalogue(typeof(ModuleTests).Assembly);

        Assert.Equal(["mod_test_c", "mod_test_b", "mod_test_a"], catalogue.Order(["mod_test_a", "mod_test_b"]).Select(module => module.Key));
        Assert.Equal(["mod_test_c", "mod_test_a"], catalogue.Order(["mod_test_a"]).Select(module => module.Key));
    }

    [Fact] // CONF-034
    public void Modules_that_need_each_other_are_named()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => new ModuleCatalogue(typeof(ModuleTests).Assembly).Order(["mod_test_circle1"]));

        Assert.Contains("mod_test_circle1 → mod_test_circle2 → mod_test_circle1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_handlers_in_one_slot_fail_the_start()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => TestServer.StartAsync(with => with.Module<A>().Module<SameSlot>()));

        Assert.Equal("mod_test_same_slot: slot Carbons of hook message.sent is already filled by mod_test_a", refused.Message);
    }

    [Fact]
    public async Task A_contract_that_nobody_offers_fails_the_start()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => TestServer.StartAsync(with => with.Module<Lonely>()));

        Assert.Equal("mod_test_lonely: nobody offers IOffer", refused.Message);
    }

    [Fact]
    public async Task A_contract_that_may_be_absent_is_null()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<B>());

        Assert.Null(((B)server.Host.Modules["mod_test_b"]).Offered);
    }

    [Fact] // DSC-005
    public async Task What_a_handler_serves_on_the_domain_is_a_feature()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<A>());

        Assert.Contains("test:a", server.Host.Features);
    }

    internal interface IOffer;

    [Module("mod_test_a"), Needs("mod_test_c"), Uses("mod_test_b")]
    internal sealed class A : IModule
    {
        public void Register(IModuleRegistry on)
        {
            on.Iq("test:a", "q", IqTarget.Domain, (_, _) => new(IqReply.Result()));
            on.Hook(MessageHooks.Sent, MessageSlot.Carbons, (_, _) => new(HookResult.Continue));
        }
    }

    [Module("mod_test_b")]
    internal sealed class B(IOffer? offered) : IModule
    {
        public IOffer? Offered { get; } = offered;

        public void Register(IModuleRegistry on)
        {
        }
    }

    [Module("mod_test_c")]
    internal sealed class C : IModule
    {
        public void Register(IModuleRegistry on)
        {
        }
    }

    [Module("mod_test_same_slot"), Uses("mod_test_a")]
    internal sealed class SameSlot : IModule
    {
        public void Register(IModuleRegistry on) => on.Hook(MessageHooks.Sent, MessageSlot.Carbons, (_, _) => new(HookResult.Continue));
    }

    [Module("mod_test_lonely")]
    internal sealed class Lonely(IOffer offered) : IModule
    {
        public IOffer Offered { get; } = offered;

        public void Register(IModuleRegistry on)
        {
        }
    }

    [Module("mod_test_circle1"), Needs("mod_test_circle2")]
    internal sealed class Circle1 : IModule
    {
        public void Register(IModuleRegistry on)
        {
        }
    }

    [Module("mod_test_circle2"), Needs("mod_test_circle1")]
    internal sealed class Circle2 : IModule
    {
        public void Register(IModuleRegistry on)
        {
        }
    }
}
