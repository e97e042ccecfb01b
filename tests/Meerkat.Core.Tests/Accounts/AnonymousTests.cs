using Meerkat.Core.Accounts;
using Meerkat.Xmpp.Sasl;
using Xunit;
using static Meerkat.Core.Tests.Accounts.ChainFixture;

namespace Meerkat.Core.Tests.Accounts;

// AUTH-056 to AUTH-063
public sealed class AnonymousTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MemoryAccountStore _store = new();

    [Theory] // AUTH-029
    [InlineData(AnonymousProtocol.SaslAnon, true, false)]
    [InlineData(AnonymousProtocol.LoginAnon, false, true)]
    [InlineData(AnonymousProtocol.Both, true, true)]
    public void The_protocol_decides_the_mechanisms(AnonymousProtocol protocol, bool anonymous, bool login)
    {
        var support = new AnonymousAuthMethod(new AnonymousAuthOptions { Protocol = protocol }).Support;
        Assert.Equal((anonymous, login, login), (support.Anonymous, support.Plain, support.ScramHashes.Count == 5));
    }

    [Fact]
    public async Task Sasl_anonymous_gets_a_name_that_nobody_has_and_no_password_works()
    {
        var chain = With(new AnonymousAuthOptions()).Chain;
        var attempt = chain.StartLogin(Domain, null);
        Assert.True(await attempt.AuthoriseAnonymousAsync("alice", None));
        Assert.Equal(AuthMethod.Anonymous, attempt.Method);
        Assert.False(await attempt.CheckPasswordAsync("alice", "", None));

        await chain.Accounts.AnonymousOpenedAsync(Alice, None);
        Assert.False(await attempt.AuthoriseAnonymousAsync("alice", None));
        await _store.CreateAsync(Bob, AccountPassword.FromPlain("p"), None);
        Assert.False(await attempt.AuthoriseAnonymousAsync("bob", None)); // CORE-082
    }

    // AUTH-059, AUTH-060
    [Fact]
    public async Task Login_anon_takes_any_password_for_a_name_that_is_free()
    {
        var chain = With(new AnonymousAuthOptions { Protocol = AnonymousProtocol.LoginAnon }).Chain;
        await _store.CreateAsync(Bob, AccountPassword.FromPlain("p"), None);
        var attempt = chain.StartLogin(Domain, null);

        Assert.True(await attempt.CheckPasswordAsync("alice", "anything", None));
        Assert.True((await attempt.FindScramAsync("alice", ScramHash.Sha256, None))!.Verify(""));
        Assert.False(await attempt.CheckPasswordAsync("bob", "anything", None));
        Assert.False((await attempt.FindScramAsync("bob", ScramHash.Sha256, None))!.Verify(""));
        Assert.False(await attempt.AuthoriseAnonymousAsync("carol", None));

        await chain.Accounts.AnonymousOpenedAsync(Alice, None);
        Assert.False(await attempt.CheckPasswordAsync("alice", "anything", None));
        Assert.Null(await attempt.FindScramAsync("alice", ScramHash.Sha256, None));
    }

    [Fact]
    public async Task With_multiple_connections_a_name_in_use_may_log_in_again()
    {
        var chain = With(new AnonymousAuthOptions { Protocol = AnonymousProtocol.Both, AllowMultipleConnections = true }).Chain;
        await chain.Accounts.AnonymousOpenedAsync(Alice, None);
        Assert.True(await chain.StartLogin(Domain, null).CheckPasswordAsync("alice", "anything", None));
    }

    // AUTH-051, AUTH-059
    [Fact]
    public async Task While_it_cannot_be_known_whether_a_name_is_taken_nobody_gets_it()
    {
        var chain = new ChainFixture(Plain, new AnonymousAuthMethod(new AnonymousAuthOptions { Protocol = AnonymousProtocol.Both }), new BrokenMethod()).Chain;
        await Assert.ThrowsAsync<AuthUndecidedException>(async () => await chain.StartLogin(Domain, null).CheckPasswordAsync("alice", "anything", None));
        await Assert.ThrowsAsync<AuthUndecidedException>(async () => await chain.StartLogin(Domain, null).AuthoriseAnonymousAsync("alice", None));
    }

    // AUTH-059: of two that log in at once one gets in
    [Fact]
    public async Task A_name_is_opened_once()
    {
        var chain = With(new AnonymousAuthOptions { Protocol = AnonymousProtocol.Both }).Chain;
        Assert.True(await chain.Accounts.AnonymousOpenedAsync(Alice, None));
        Assert.False(await chain.Accounts.AnonymousOpenedAsync(Alice, None));
        await chain.Accounts.AnonymousClosedAsync(Alice, None);
        Assert.True(await chain.Accounts.AnonymousOpenedAsync(Alice, None));
    }

    // AUTH-061 to AUTH-063, AUTH-011, CORE-155
    [Fact]
    public async Task Anonymous_accounts_exist_from_their_first_session_to_their_last()
    {
        var fixture = With(new AnonymousAuthOptions { AllowMultipleConnections = true });
        var chain = fixture.Chain;
        Assert.Equal(AccountResult.NotAllowed, await chain.Accounts.SetPasswordAsync(Alice, "p", None));

        await chain.Accounts.AnonymousOpenedAsync(Alice, None);
        await chain.Accounts.AnonymousOpenedAsync(Alice, None);
        Assert.Equal(Existence.Yes, await chain.ExistsAsync(Alice, None));
        Assert.Equal(Existence.No, await chain.StoredExistsAsync(Alice, None));
        Assert.Equal([Alice], await chain.ListAsync(Domain, AccountListing.All, None));
        Assert.Equal(1, await chain.CountAsync(Domain, None));
        Assert.Equal(AccountResult.Ok, await chain.Accounts.SetPasswordAsync(Alice, "p", None));
        Assert.Equal(AccountResult.Exists, await chain.Accounts.RegisterAsync(Alice, "p", None));

        await chain.Accounts.AnonymousClosedAsync(Alice, None);
        Assert.Equal(Existence.Yes, await chain.ExistsAsync(Alice, None));
        await chain.Accounts.AnonymousClosedAsync(Alice, None);
        await chain.Accounts.AnonymousClosedAsync(Alice, None);
        Assert.Equal(Existence.No, await chain.ExistsAsync(Alice, None));
        Assert.Equal(["registered alice@one.example", "left alice@one.example"], fixture.Told);
    }

    private ChainFixture With(AnonymousAuthOptions options) => new(Plain, new AnonymousAuthMethod(options), Internal(_store));
}
