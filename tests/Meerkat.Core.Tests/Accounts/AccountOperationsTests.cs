using Meerkat.Core.Accounts;
using Xunit;
using static Meerkat.Core.Tests.Accounts.ChainFixture;

namespace Meerkat.Core.Tests.Accounts;

// AUTH-145 to AUTH-153
public sealed class AccountOperationsTests
{
    private const string AliceText = "alice@one.example";
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MemoryAccountStore _store = new();
    private readonly ChainFixture _fixture;
    private readonly AccountOperations _operations;

    public AccountOperationsTests()
    {
        _fixture = new ChainFixture(Plain, Internal(_store));
        _operations = new AccountOperations(_fixture, TimeProvider.System);
    }

    [Fact]
    public async Task Registering_prepares_the_name()
    {
        Assert.Equal((AccountResult.Ok, Alice), await _operations.RegisterAsync("ALICE", "One.Example", "p", None));
        Assert.Equal((AccountResult.Exists, Alice), await _operations.RegisterAsync("alice", Domain, "p", None));
        Assert.Equal((AccountResult.InvalidJid, null), await _operations.RegisterAsync("a b", Domain, "p", None));
        Assert.Equal(AccountResult.EmptyPassword, (await _operations.RegisterAsync("bob", Domain, "", None)).Result);
        Assert.Equal(AccountResult.DomainNotFound, (await _operations.RegisterAsync("bob", "elsewhere.example", "p", None)).Result);
    }

    [Fact]
    public async Task Registering_without_a_name_makes_one_up()
    {
        var (result, first) = await _operations.RegisterAsync(null, Domain, "p", None);
        var (_, second) = await _operations.RegisterAsync(null, Domain, "p", None);
        Assert.Equal(AccountResult.Ok, result);
        Assert.NotEqual(first, second);
        Assert.True(await _store.ExistsAsync(first!, None));
    }

    [Fact]
    public async Task Removing()
    {
        await _operations.RegisterAsync("alice", Domain, "p", None);
        Assert.Equal(AccountResult.Ok, await _operations.RemoveAsync(AliceText, None));
        Assert.Equal(AccountResult.NotAllowed, await _operations.RemoveAsync(AliceText, None));
        Assert.Equal(AccountResult.InvalidJid, await _operations.RemoveAsync("alice@one.example/resource", None));
        Assert.Equal(AccountResult.InvalidJid, await _operations.RemoveAsync("@", None));
        Assert.Equal(AccountResult.NotAllowed, await _operations.RemoveAsync("alice@elsewhere.example", None));
    }

    [Fact]
    public async Task A_ban_changes_the_password_and_ends_the_sessions_with_the_reason()
    {
        Assert.Equal(AccountResult.UserDoesNotExist, await _operations.BanAsync(AliceText, "spam", None));
        Assert.Empty(_fixture.Told);
        await _operations.RegisterAsync("alice", Domain, "p", None);
        Assert.Equal(AccountResult.Ok, await _operations.BanAsync(AliceText, "spam\n☠", None));
        Assert.Matches(@"^BANNED_ACCOUNT--\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ--[0-9a-f]{32}--spam\?\?$", (await _store.FindPasswordAsync(Alice, None))!.Plain);
        Assert.Equal($"ended {AliceText}: spam\n☠", _fixture.Told[^1]);
        Assert.Equal(AccountResult.Incorrect, await _operations.CheckPasswordAsync(AliceText, "p", None));
    }

    [Fact]
    public async Task Changing_and_checking_passwords()
    {
        await _operations.RegisterAsync("alice", Domain, "old", None);
        Assert.Equal(AccountResult.Ok, await _operations.ChangePasswordAsync(AliceText, "new", None));
        Assert.Equal(AccountResult.EmptyPassword, await _operations.ChangePasswordAsync(AliceText, "", None));
        Assert.Equal(AccountResult.NotAllowed, await _operations.ChangePasswordAsync("bob@one.example", "new", None));
        Assert.Equal(AccountResult.InvalidJid, await _operations.ChangePasswordAsync("a@b@c", "new", None));
        Assert.Equal(AccountResult.Ok, await _operations.CheckPasswordAsync(AliceText, "new", None));
        Assert.Equal(AccountResult.Incorrect, await _operations.CheckPasswordAsync(AliceText, "old", None));
        Assert.Equal(AccountResult.UserDoesNotExist, await _operations.CheckPasswordAsync("bob@one.example", "new", None));
    }

    // AUTH-150; the digests are those of "secret"
    [Theory]
    [InlineData("md5", "5ebe2294ecd0e0f08eab7690d2a6ee69", AccountResult.Ok)]
    [InlineData("md5", "5EBE2294ECD0E0F08EAB7690D2A6EE69", AccountResult.Ok)]
    [InlineData("sha", "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", AccountResult.Ok)]
    [InlineData("sha", "E5E9FA1BA31ECD1AE84F75CAAA474F3A663F5F4", AccountResult.Ok)] // GQA-ACCOUNT-04: the reference leaves a byte's leading zero out
    [InlineData("md5", "5ebe2294ecd0e0f08eab7690d2a6ee68", AccountResult.Incorrect)]
    [InlineData("sha", "5ebe2294ecd0e0f08eab7690d2a6ee69", AccountResult.Incorrect)]
    [InlineData("sha1", "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", AccountResult.WrongMethod)]
    [InlineData("sha256", "00", AccountResult.WrongMethod)]
    public async Task Checking_a_hash_of_a_password(string method, string hash, AccountResult expected)
    {
        await _operations.RegisterAsync("alice", Domain, "secret", None);
        Assert.Equal(expected, await _operations.CheckPasswordHashAsync(AliceText, hash, method, None));
    }

    [Fact]
    public async Task A_hash_cannot_be_checked_for_strangers_or_against_scram_keys()
    {
        Assert.Equal(AccountResult.WrongUser, await _operations.CheckPasswordHashAsync(AliceText, "00", "md5", None));
        await _store.CreateAsync(Alice, AccountPassword.FromScram(Xmpp.Sasl.ScramCredentials.Create("secret", [Xmpp.Sasl.ScramHash.Sha1], 8)), None);
        Assert.Equal(AccountResult.WrongUser, await _operations.CheckPasswordHashAsync(AliceText, "5ebe2294ecd0e0f08eab7690d2a6ee69", "md5", None));
    }

    [Fact]
    public async Task Checking_listing_and_counting()
    {
        await _operations.RegisterAsync("alice", Domain, "p", None);
        Assert.Equal(AccountResult.Ok, await _operations.CheckUserAsync(AliceText, None));
        Assert.Equal(AccountResult.UserDoesNotExist, await _operations.CheckUserAsync("bob@one.example", None));
        Assert.Equal([Alice], await _operations.ListAsync("ONE.example", AccountListing.All, None));
        Assert.Equal(1, await _operations.CountAsync(Domain, None));
        Assert.Null(await _operations.ListAsync("elsewhere.example", AccountListing.All, None));
        Assert.Null(await _operations.CountAsync("elsewhere.example", None));
    }

    [Fact] // AUTH-152
    public async Task Importing_says_what_became_of_each_record()
    {
        await _operations.RegisterAsync("bob", Domain, "old", None);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "alice,one.example,p1\r\nbob,one.example,new\n\n\"a b\",one.example,p\ncarol,one.example,\ndan,elsewhere.example,p\none field\n\"eve\",one.example,\"with, comma and \"\"quotes\"\"\"\n1,2,3,4\n", None);
            var result = (await _operations.ImportAsync(file, None))!;
            Assert.Equal(["alice@one.example", "eve@one.example"], result.Created);
            Assert.Equal(["bob@one.example"], result.Existing);
            Assert.Equal(["\"a b\",one.example,p"], result.InvalidJid);
            Assert.Equal(["carol@one.example"], result.EmptyPassword);
            Assert.Equal(["dan@elsewhere.example"], result.NotAllowed);
            Assert.Equal(["one field", "1,2,3,4"], result.InvalidRecord);
            Assert.Equal(AccountResult.Ok, await _operations.CheckPasswordAsync("eve@one.example", "with, comma and \"quotes\"", None));
            Assert.Equal(AccountResult.Ok, await _operations.CheckPasswordAsync("bob@one.example", "old", None));
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Null(await _operations.ImportAsync(file, None));
    }

    [Fact] // AUTH-038
    public async Task Plain_passwords_become_keys_where_the_format_says_so()
    {
        await _operations.RegisterAsync("alice", Domain, "secret", None);
        Assert.Null(await _fixture.Chain.Accounts.HashPlainPasswordsAsync(Domain, None)); // they are to stay
        var scram = new ChainFixture(Scram, Internal(_store, Scram)).Chain;
        Assert.Equal(1, await scram.Accounts.HashPlainPasswordsAsync(Domain, None));
        Assert.Equal(0, await scram.Accounts.HashPlainPasswordsAsync(Domain, None));
        Assert.Null((await _store.FindPasswordAsync(Alice, None))!.Plain);
        Assert.True(await scram.CheckPasswordAsync(Alice, "secret", None));
    }

    [Fact] // AUTH-169
    public async Task Strangers_are_shown_rounds_that_accounts_have()
    {
        await _store.CreateAsync(Alice, AccountPassword.FromScram(Xmpp.Sasl.ScramCredentials.Create("secret", [Xmpp.Sasl.ScramHash.Sha1], 5)), None);
        Assert.Equal(5, await ShownRoundsAsync(new ChainFixture(Scram, Internal(_store, Scram)).Chain));
    }

    [Fact] // AUTH-169
    public async Task A_method_that_cannot_be_read_is_asked_again()
    {
        var chain = new ChainFixture(Scram, Internal(_store, Scram), new BrokenMethod()).Chain;
        Assert.Equal(8, await ShownRoundsAsync(chain));
        await _store.CreateAsync(Alice, AccountPassword.FromScram(Xmpp.Sasl.ScramCredentials.Create("secret", [Xmpp.Sasl.ScramHash.Sha1], 5)), None);
        Assert.Equal(5, await ShownRoundsAsync(chain));
    }

    private static async Task<int> ShownRoundsAsync(AuthChain chain) => (await chain.DecoyAsync(None)).Keys(Domain, "bob", Xmpp.Sasl.ScramHash.Sha1).Iterations;
}
