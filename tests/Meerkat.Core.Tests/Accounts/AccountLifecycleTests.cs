using Meerkat.Core.Accounts;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Core.Tests.Accounts.ChainFixture;

namespace Meerkat.Core.Tests.Accounts;

public sealed class AccountLifecycleTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MemoryAccountStore _first = new();
    private readonly MemoryAccountStore _second = new();

    // AUTH-013, AUTH-019, AUTH-006
    [Fact]
    public async Task A_registration_goes_to_the_first_method_that_accepts_and_is_told()
    {
        var fixture = new ChainFixture(Plain, new ReadOnlyMethod(), Internal(_first), Rdbms(_second));
        Assert.Equal(AccountResult.Ok, await fixture.Chain.Accounts.RegisterAsync(Alice, "p", None));
        Assert.True(await _first.ExistsAsync(Alice, None));
        Assert.False(await _second.ExistsAsync(Alice, None));
        Assert.Equal(["registered alice@one.example"], fixture.Told);

        Assert.Equal(AccountResult.Exists, await fixture.Chain.Accounts.RegisterAsync(Alice, "p", None));
        await _second.CreateAsync(Bob, AccountPassword.FromPlain("p"), None);
        Assert.Equal(AccountResult.Exists, await fixture.Chain.Accounts.RegisterAsync(Bob, "p", None)); // in any method
        Assert.Single(fixture.Told);
    }

    // AUTH-018, AUTH-033
    [Fact]
    public async Task What_cannot_be_an_account_or_a_password_is_refused()
    {
        var accounts = new ChainFixture(Scram, Internal(_first, Scram)).Chain.Accounts;
        Assert.Equal(AccountResult.EmptyPassword, await accounts.RegisterAsync(Alice, "", None));
        Assert.Equal(AccountResult.InvalidJid, await accounts.RegisterAsync(BareJid.Parse(Domain), "p", None));
        Assert.Equal(AccountResult.InvalidPassword, await accounts.RegisterAsync(Alice, "a\u0007b", None));
        Assert.Equal(0, await _first.CountAsync(Domain, None));
    }

    // AUTH-032
    [Fact]
    public async Task With_the_format_scram_no_password_is_kept_and_it_still_opens()
    {
        var chain = new ChainFixture(Scram, Internal(_first, Scram)).Chain;
        await chain.Accounts.RegisterAsync(Alice, "Open-Sesame-42", None);
        var kept = await _first.FindPasswordAsync(Alice, None);
        Assert.Null(kept!.Plain);
        Assert.Equal(2, kept.Scram!.Keys.Count);
        Assert.Equal(8, kept.Scram.Iterations);
        Assert.True(await chain.StartLogin(Domain, null).CheckPasswordAsync("alice", "Open-Sesame-42", None));
        Assert.False(await chain.StartLogin(Domain, null).CheckPasswordAsync("alice", "open-Sesame-42", None));
        Assert.False(await chain.StartLogin(Domain, null).CheckPasswordAsync("nobody", "Open-Sesame-42", None));
    }

    // AUTH-012, AUTH-036
    [Fact]
    public async Task A_password_is_changed_in_the_first_method_that_can_and_to_todays_format()
    {
        await _second.CreateAsync(Alice, AccountPassword.FromPlain("old"), None);
        var chain = new ChainFixture(Scram, new PkiAuthMethod(), Internal(_first, Scram), Rdbms(_second, Scram)).Chain;
        Assert.True(await chain.StartLogin(Domain, null).CheckPasswordAsync("alice", "old", None)); // kept plain, read all the same
        Assert.Equal(AccountResult.Ok, await chain.Accounts.SetPasswordAsync(Alice, "new", None));
        Assert.NotNull((await _second.FindPasswordAsync(Alice, None))!.Scram);
        Assert.True(await chain.StartLogin(Domain, null).CheckPasswordAsync("alice", "new", None));
        Assert.False(await chain.StartLogin(Domain, null).CheckPasswordAsync("alice", "old", None));
        Assert.Equal(AccountResult.EmptyPassword, await chain.Accounts.SetPasswordAsync(Alice, "", None));
        Assert.Equal(AccountResult.NotAllowed, await chain.Accounts.SetPasswordAsync(Bob, "new", None));
    }

    // AUTH-014, AUTH-019, AUTH-006
    [Fact]
    public async Task A_removal_is_done_by_every_method_and_told()
    {
        await _first.CreateAsync(Alice, AccountPassword.FromPlain("p"), None);
        await _second.CreateAsync(Alice, AccountPassword.FromPlain("p"), None);
        var fixture = new ChainFixture(Plain, Internal(_first), new BrokenMethod(), Rdbms(_second));
        Assert.Equal(AccountResult.Ok, await fixture.Chain.Accounts.RemoveAsync(Alice, None));
        Assert.False(await _first.ExistsAsync(Alice, None));
        Assert.False(await _second.ExistsAsync(Alice, None));
        Assert.Equal(["removed alice@one.example"], fixture.Told);
        Assert.Equal(AccountResult.NotAllowed, await fixture.Chain.Accounts.RemoveAsync(Alice, None));
    }

    [Fact]
    public async Task While_an_accounts_data_is_being_deleted_nobody_can_take_its_name()
    {
        await _first.CreateAsync(Alice, AccountPassword.FromPlain("p"), None);
        var fixture = new ChainFixture(Plain, Internal(_first));
        AccountResult? meanwhile = null;
        fixture.WhenRemoved = async account => meanwhile = await fixture.Chain.Accounts.RegisterAsync(account, "p", None);
        await fixture.Chain.Accounts.RemoveAsync(Alice, None);
        Assert.Equal(AccountResult.Exists, meanwhile);
        Assert.Equal(AccountResult.Ok, await fixture.Chain.Accounts.RegisterAsync(Alice, "p", None));
    }

    // AUTH-124
    [Fact]
    public async Task A_domain_never_holds_more_accounts_than_it_may_however_many_come_at_once()
    {
        var chain = new ChainFixture(Plain with { MaxUsersPerDomain = 5 }, Internal(_first)).Chain;
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () => await chain.Accounts.RegisterAsync(BareJid.Parse($"user{i}@{Domain}"), "p", None))));
        Assert.Equal(5, results.Count(r => r is AccountResult.Ok));
        Assert.Equal(35, results.Count(r => r is AccountResult.LimitPerDomainExceeded));
        Assert.Equal(5, await _first.CountAsync(Domain, None));
        Assert.Equal(AccountResult.Ok, await chain.Accounts.RegisterAsync(BareJid.Parse("user@two.example"), "p", None)); // each domain has its own
    }

    [Fact]
    public async Task Password_hashing_keeps_to_its_turns()
    {
        var work = new PasswordWork(2);
        var go = new ManualResetEventSlim();
        int running = 0, most = 0;
        var all = Enumerable.Range(0, 6).Select(_ => work.RunAsync(
            () =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                go.Wait();
                return Interlocked.Decrement(ref running);
            },
            None)).ToArray();
        SpinWait.SpinUntil(() => Volatile.Read(ref running) == 2, TimeSpan.FromSeconds(10));
        go.Set();
        await Task.WhenAll(all);
        Assert.Equal(2, most);
    }

    private static void InterlockedMax(ref int place, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref place)) < value && Interlocked.CompareExchange(ref place, value, seen) != seen)
        {
        }
    }

    /// <summary>Works, and registers nobody.</summary>
    private sealed class ReadOnlyMethod : IAuthMethod
    {
        public AuthMethod Method => AuthMethod.Pki;

        public Xmpp.Sasl.SaslSupport Support { get; } = new();

        public ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => new(false);
    }
}
