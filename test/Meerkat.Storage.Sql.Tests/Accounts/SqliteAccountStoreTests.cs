using LinqToDB.Data;
using Meerkat.Conformance.Accounts;
using Meerkat.Core.Accounts;
using Meerkat.Storage.Sql.Accounts;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Accounts;

public sealed class SqliteAccountStoreTests : AccountStoreSuite
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private TestDatabase _test = null!;

    // AUTH-041
    [Fact]
    public async Task Corrupted_keys_are_no_password_but_the_account_is_there()
    {
        await Store.CreateAsync(Alice, AccountPassword.FromPlain("p"), None);
        await _test.Database.WriteAsync(async session => await session.ExecuteAsync("UPDATE account SET pass_details = 'rubbish'"), None);
        Assert.Null(await Store.FindPasswordAsync(Alice, None));
        Assert.True(await Store.ExistsAsync(Alice, None));
    }

    // AUTH-050
    [Fact]
    public async Task A_row_with_both_a_password_and_keys_is_treated_as_keys()
    {
        await Store.CreateAsync(Alice, AccountPassword.FromScram(Xmpp.Sasl.ScramCredentials.Create("p", [Xmpp.Sasl.ScramHash.Sha1], 16)), None);
        await _test.Database.WriteAsync(async session => await session.ExecuteAsync("UPDATE account SET password = 'old'"), None);
        Assert.Null((await Store.FindPasswordAsync(Alice, None))!.Plain);
    }

    [Fact]
    public async Task Accounts_are_there_after_reopening()
    {
        await Store.CreateAsync(Alice, AccountPassword.FromPlain("p"), None);
        await _test.ReopenAsync();
        Assert.True(await new SqlAccountStore(_test.Database).ExistsAsync(Alice, None));
    }

    // AUTH-046
    [Fact]
    public async Task An_owner_with_an_account_outlives_its_other_data()
    {
        await Store.CreateAsync(Alice, AccountPassword.FromPlain("p"), None);
        var owners = new SqlOwners(_test.Database);
        await owners.RemoveDomainAsync("one.example", None);
        await owners.RemoveAccountAsync(Alice, None);
        Assert.True(await Store.ExistsAsync(Alice, None));

        await Store.RemoveAsync(Alice, None);
        await owners.RemoveAccountAsync(Alice, None);
        Assert.Null(await _test.Database.ReadAsync(async session => await session.FindOwnerAsync(Alice, None), None));
    }

    protected override async ValueTask<IAccountStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlAccountStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
