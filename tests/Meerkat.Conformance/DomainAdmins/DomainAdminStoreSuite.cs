using Meerkat.Core.Accounts;
using Meerkat.Xmpp.Sasl;
using Xunit;

namespace Meerkat.Conformance.DomainAdmins;

/// <summary>What every <see cref="IDomainAdminStore"/> does (AUTH-168).</summary>
public abstract class DomainAdminStoreSuite : StoreSuite<IDomainAdminStore>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // GQA-DOMAIN-09
    public async Task The_password_that_was_set_last_is_the_one_that_is_kept()
    {
        Assert.Null(await Store.FindAsync("one.example", None));
        await Store.SetAsync("one.example", Keys("first"), None);
        await Store.SetAsync("one.example", Keys("second"), None);
        var kept = await Store.FindAsync("one.example", None);
        Assert.True(kept!.VerifyPassword("second"));
        Assert.False(kept.VerifyPassword("first"));
        Assert.Equal([ScramHash.Sha512], kept.Keys.Select(key => key.Hash));
    }

    [Fact] // GQA-DOMAIN-10
    public async Task One_that_is_removed_is_gone_and_others_stay()
    {
        await Store.SetAsync("one.example", Keys("a"), None);
        await Store.SetAsync("sub.one.example", Keys("b"), None);
        Assert.True(await Store.RemoveAsync("one.example", None));
        Assert.False(await Store.RemoveAsync("one.example", None));
        Assert.False(await Store.RemoveAsync("nosuch.example", None));
        Assert.Null(await Store.FindAsync("one.example", None));
        Assert.True((await Store.FindAsync("sub.one.example", None))!.VerifyPassword("b"));
    }

    [Fact]
    public async Task Of_many_that_set_one_password_at_once_one_stays_whole()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () => await Store.SetAsync("one.example", Keys($"password {i}"), None))));
        var kept = await Store.FindAsync("one.example", None);
        Assert.Equal(1, Enumerable.Range(0, 8).Count(i => kept!.VerifyPassword($"password {i}")));
    }

    private static ScramCredentials Keys(string password) => ScramCredentials.Create(password, [ScramHash.Sha512], 100);
}
