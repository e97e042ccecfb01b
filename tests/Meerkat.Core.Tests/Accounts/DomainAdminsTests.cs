using Meerkat.Conformance.DomainAdmins;
using Meerkat.Core.Accounts;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Accounts;

public sealed class MemoryDomainAdminStoreTests : DomainAdminStoreSuite
{
    protected override ValueTask<IDomainAdminStore> OpenAsync() => new(new MemoryDomainAdminStore());
}

/// <summary>Administrators of domains (AUTH-168, GQA-DOMAIN-09, GQA-DOMAIN-10).</summary>
public sealed class DomainAdminsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Only_the_name_admin_of_a_served_domain_with_its_password_is_right()
    {
        await using var server = await TestServer.StartAsync(with => with.Domains = ["one.test", "two.test"]);
        var admins = new DomainAdmins(server.Context.Domains, server.Context.DomainAdminStore, server.Context.Time);
        Assert.False(await admins.VerifyAsync(BareJid.Parse("admin@one.test"), "p", None)); // none yet
        Assert.Equal(AccountResult.Ok, await admins.SetPasswordAsync("one.test", "p", None));
        for (var i = 0; i < 2; i++)
        {
            Assert.True(await admins.VerifyAsync(BareJid.Parse("admin@one.test"), "p", None));
            Assert.False(await admins.VerifyAsync(BareJid.Parse("admin@one.test"), "q", None));
            Assert.False(await admins.VerifyAsync(BareJid.Parse("root@one.test"), "p", None));
            Assert.False(await admins.VerifyAsync(BareJid.Parse("admin@two.test"), "p", None));
        }

        Assert.Equal(AccountResult.DomainNotFound, await admins.SetPasswordAsync("nosuch.test", "p", None));
        Assert.Equal(AccountResult.InvalidPassword, await admins.SetPasswordAsync("one.test", "a\u0000b", None));
    }

    // What was found right is remembered, and forgotten at once when it changes.
    [Fact]
    public async Task A_changed_or_removed_password_is_wrong_at_once()
    {
        await using var server = await TestServer.StartAsync(with => with.Domains = ["one.test"]);
        var admins = new DomainAdmins(server.Context.Domains, server.Context.DomainAdminStore, server.Context.Time);
        var who = BareJid.Parse("admin@one.test");
        await admins.SetPasswordAsync("one.test", "old", None);
        Assert.True(await admins.VerifyAsync(who, "old", None));
        await admins.SetPasswordAsync("one.test", "new", None);
        Assert.False(await admins.VerifyAsync(who, "old", None));
        Assert.True(await admins.VerifyAsync(who, "new", None));
        Assert.True(await admins.RemoveAsync("one.test", None));
        Assert.False(await admins.VerifyAsync(who, "new", None));
        Assert.False(await admins.RemoveAsync("one.test", None));
    }
}
