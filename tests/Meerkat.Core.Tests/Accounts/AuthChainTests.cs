using Meerkat.Core.Accounts;
using Meerkat.Testing;
using Meerkat.Xmpp.Sasl;
using Microsoft.Extensions.Logging;
using Xunit;
using static Meerkat.Core.Tests.Accounts.ChainFixture;

namespace Meerkat.Core.Tests.Accounts;

public sealed class AuthChainTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MemoryAccountStore _first = new();
    private readonly MemoryAccountStore _second = new();

    // AUTH-002
    [Fact]
    public async Task Without_methods_nothing_is_offered_and_nobody_exists()
    {
        var chain = new ChainFixture(Plain).Chain;
        Assert.Equal((false, false, false, 0), (chain.Support.Plain, chain.Support.Anonymous, chain.Support.External, chain.Support.ScramHashes.Count));
        Assert.Equal(Existence.No, await chain.ExistsAsync(Alice, None));
        Assert.Equal(AccountResult.NotAllowed, await chain.Accounts.RegisterAsync(Alice, "p", None));
    }

    // AUTH-007, AUTH-006
    [Fact]
    public async Task A_log_in_is_let_in_by_the_first_method_that_accepts_and_that_is_recorded()
    {
        var chain = new ChainFixture(Plain, Internal(_first), Rdbms(_second)).Chain;
        await _first.CreateAsync(Alice, AccountPassword.FromPlain("one"), None);
        await _second.CreateAsync(Alice, AccountPassword.FromPlain("two"), None);

        var attempt = chain.StartLogin(Domain, null);
        Assert.True(await attempt.CheckPasswordAsync("alice", "two", None));
        Assert.Equal(AuthMethod.Rdbms, attempt.Method);
        Assert.True(await attempt.CheckPasswordAsync("alice", "one", None));
        Assert.Equal(AuthMethod.Internal, attempt.Method);
        Assert.False(await attempt.CheckPasswordAsync("alice", "three", None));
        Assert.Null(attempt.Method);
        Assert.False(await attempt.CheckPasswordAsync("nobody", "one", None));
        Assert.True(await chain.CheckPasswordAsync(Alice, "two", None)); // AUTH-008
    }

    // AUTH-005
    [Fact]
    public async Task A_listener_that_allows_one_method_asks_no_other_and_the_offer_stays_as_it_is()
    {
        var chain = new ChainFixture(Plain, Internal(_first), new PkiAuthMethod()).Chain;
        await _first.CreateAsync(Alice, AccountPassword.FromPlain("one"), None);
        var attempt = chain.StartLogin(Domain, [AuthMethod.Pki]);
        Assert.False(await attempt.CheckPasswordAsync("alice", "one", None));
        Assert.Null(await attempt.FindScramAsync("alice", ScramHash.Sha256, None));
        Assert.True(chain.Support is { Plain: true, External: true });
    }

    // AUTH-009: the first that has one, and no other
    [Fact]
    public async Task Scram_goes_by_the_first_method_that_has_the_password()
    {
        var chain = new ChainFixture(Plain, Internal(_first), Rdbms(_second)).Chain;
        await _second.CreateAsync(Alice, AccountPassword.FromScram(ScramCredentials.Create("two", [ScramHash.Sha256], 8)), None);
        var attempt = chain.StartLogin(Domain, null);
        Assert.True((await attempt.FindScramAsync("alice", ScramHash.Sha256, None))!.Verify("two"));
        Assert.Equal(AuthMethod.Rdbms, attempt.Method);
        Assert.Null(await attempt.FindScramAsync("alice", ScramHash.Sha512, None)); // AUTH-037

        await _first.CreateAsync(Alice, AccountPassword.FromPlain("one"), None);
        var keys = await attempt.FindScramAsync("alice", ScramHash.Sha512, None); // a plain password serves every hash
        Assert.True(keys!.Verify("one"));
        Assert.Equal(AuthMethod.Internal, attempt.Method);
        Assert.Equal(keys.Salt, (await attempt.FindScramAsync("alice", ScramHash.Sha512, None))!.Salt); // the same at every log-in
    }

    // AUTH-031, AUTH-021
    [Fact]
    public async Task With_scram_only_the_configured_hashes_are_offered_and_served_with_plain_all()
    {
        var scram = new ChainFixture(Scram, Internal(_first, Scram)).Chain;
        Assert.Equal([ScramHash.Sha1, ScramHash.Sha256], scram.Support.ScramHashes);
        await _first.CreateAsync(Alice, AccountPassword.FromScram(ScramCredentials.Create("p", ScramCredentials.AllHashes, 8)), None);
        Assert.Null(await scram.StartLogin(Domain, null).FindScramAsync("alice", ScramHash.Sha512, None));
        Assert.NotNull(await scram.StartLogin(Domain, null).FindScramAsync("alice", ScramHash.Sha1, None));
        Assert.Equal(ScramCredentials.AllHashes, new ChainFixture(Plain, Internal(_first)).Chain.Support.ScramHashes);
    }

    // AUTH-010, AUTH-051, AUTH-006
    [Fact]
    public async Task A_method_that_fails_counts_as_no_unless_a_later_one_says_yes()
    {
        var chain = new ChainFixture(Plain, new BrokenMethod(), Internal(_first)).Chain;
        Assert.Equal(Existence.Unknown, await chain.ExistsAsync(Alice, None));
        Assert.Equal(AccountResult.NotAllowed, await chain.Accounts.RegisterAsync(Alice, "p", None));

        await _first.CreateAsync(Alice, AccountPassword.FromPlain("p"), None);
        Assert.Equal(Existence.Yes, await chain.ExistsAsync(Alice, None));
        Assert.True(await chain.StartLogin(Domain, null).CheckPasswordAsync("alice", "p", None));
        Assert.NotNull(await chain.StartLogin(Domain, null).FindScramAsync("alice", ScramHash.Sha1, None));
    }

    // AUTH-051, RFC 6120 §6.5.11: whoever is told not-authorized throws his password away, so that is said only where every method was asked.
    [Fact]
    public async Task A_log_in_that_nobody_accepts_and_some_method_could_not_decide_has_failed_for_now()
    {
        var chain = new ChainFixture(Plain, new BrokenMethod(), Internal(_first)).Chain;
        await _first.CreateAsync(Alice, AccountPassword.FromPlain("p"), None);
        await Assert.ThrowsAsync<AuthUndecidedException>(async () => await chain.StartLogin(Domain, null).CheckPasswordAsync("bob", "p", None));
        await Assert.ThrowsAsync<AuthUndecidedException>(async () => await chain.StartLogin(Domain, null).CheckPasswordAsync("alice", "wrong", None));
        await Assert.ThrowsAsync<AuthUndecidedException>(async () => await chain.StartLogin(Domain, null).FindScramAsync("bob", ScramHash.Sha1, None));
        await Assert.ThrowsAsync<AuthUndecidedException>(async () => await chain.VerifyAsync(Bob, "p", None));
        Assert.False(await chain.StartLogin(Domain, [AuthMethod.Internal]).CheckPasswordAsync("bob", "p", None)); // the broken one has no say there
        Assert.False(await chain.CheckPasswordAsync(Bob, "p", None)); // AUTH-008
    }

    // a password that was found right is not remembered beyond its change, however that ends.
    [Fact]
    public async Task What_was_verified_is_forgotten_with_the_password()
    {
        var store = new FaultyStore(_first);
        var chain = new ChainFixture(Plain, Rdbms(store)).Chain;
        async Task RememberAsync()
        {
            await _first.CreateAsync(Alice, AccountPassword.FromPlain("old"), None);
            await _first.SetPasswordAsync(Alice, AccountPassword.FromPlain("old"), None);
            Assert.True(await chain.VerifyAsync(Alice, "old", None));
            Assert.True(chain.Verified.Contains(Alice, "old"));
        }

        await RememberAsync();
        store.Fails = true; // it is written, and nobody learns it
        await Assert.ThrowsAsync<IOException>(async () => await chain.Accounts.SetPasswordAsync(Alice, "new", None));
        Assert.False(await chain.VerifyAsync(Alice, "old", None));

        await RememberAsync();
        Assert.Equal(AccountResult.NotAllowed, await chain.Accounts.RemoveAsync(Alice, None));
        Assert.False(await chain.VerifyAsync(Alice, "old", None));

        store.Fails = false;
        await RememberAsync();
        await chain.RemoveDomainAsync(Domain, None);
        Assert.False(await chain.VerifyAsync(Alice, "old", None));
    }

    // AUTH-015, AUTH-006
    [Fact]
    public async Task Lists_are_joined_and_counts_added()
    {
        var chain = new ChainFixture(Plain, Internal(_first), Rdbms(_second)).Chain;
        await _first.CreateAsync(Bob, AccountPassword.FromPlain("p"), None);
        await _second.CreateAsync(Alice, AccountPassword.FromPlain("p"), None);
        Assert.Equal([Bob, Alice], await chain.ListAsync(Domain, AccountListing.All, None));
        Assert.Equal([Alice], await chain.ListAsync(Domain, new AccountListing { Offset = 1, Limit = 5 }, None));
        Assert.Equal([Bob], await chain.ListAsync(Domain, new AccountListing { Limit = 1 }, None));
        Assert.Equal(2, await chain.CountAsync(Domain, None));
    }

    // AUTH-017, AUTH-046, AUTH-055
    [Fact]
    public async Task With_a_domain_the_accounts_of_rdbms_go_and_those_of_internal_stay()
    {
        var chain = new ChainFixture(Plain, Internal(_first), Rdbms(_second)).Chain;
        await _first.CreateAsync(Bob, AccountPassword.FromPlain("p"), None);
        await _second.CreateAsync(Alice, AccountPassword.FromPlain("p"), None);
        await chain.RemoveDomainAsync(Domain, None);
        Assert.Equal([Bob], await chain.ListAsync(Domain, AccountListing.All, None));
    }

    // AUTH-122, AUTH-027, CORE-155
    [Fact]
    public async Task Pki_lets_everybody_in_by_certificate_and_by_nothing_else()
    {
        var chain = new ChainFixture(Plain, new PkiAuthMethod()).Chain;
        var attempt = chain.StartLogin(Domain, null);
        Assert.True(await attempt.AuthoriseCertificateAsync("alice", null!, None));
        Assert.Equal(AuthMethod.Pki, attempt.Method);
        Assert.False(await attempt.CheckPasswordAsync("alice", "", None));
        Assert.Equal(Existence.Yes, await chain.StoredExistsAsync(Alice, None));
        Assert.Equal(AccountResult.Exists, await chain.Accounts.RegisterAsync(Alice, "p", None)); // AUTH-194
        Assert.Equal(0, await chain.CountAsync(Domain, None));
    }

    // AUTH-123, AUTH-192, CORE-155
    [Fact]
    public async Task Dummy_takes_any_password_after_its_time()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var chain = new ChainFixture(Plain, new DummyAuthMethod(new DummyAuthOptions { BaseTime = TimeSpan.FromMilliseconds(50), Variance = TimeSpan.FromMilliseconds(1) }, time)).Chain;
        var login = chain.StartLogin(Domain, null).CheckPasswordAsync("anybody", "any", None).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.False(login.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await login);
        Assert.Equal(AccountResult.Exists, await chain.Accounts.RegisterAsync(Alice, "p", None));
        Assert.Equal(AccountResult.Ok, await chain.Accounts.SetPasswordAsync(Alice, "p", None));
        Assert.Equal(AccountResult.NotAllowed, await chain.Accounts.RemoveAsync(Alice, None));
        Assert.True(chain.Support is { Plain: true, ScramHashes.Count: 0 });
    }

    // AUTH-194, AUTH-195: whoever reads the log at the start learns what such a method does to the one beside it
    [Fact]
    public void A_method_that_knows_everybody_is_warned_of_beside_one_that_keeps_accounts()
    {
        var dummy = new DummyAuthMethod(new DummyAuthOptions(), TimeProvider.System);
        Assert.Empty(Warnings(new PkiAuthMethod()));
        Assert.Empty(Warnings(dummy));
        Assert.Empty(Warnings(Internal(_first), Rdbms(_second)));
        Assert.Contains("auth.pki of one.example", Assert.Single(Warnings(Internal(_first), new PkiAuthMethod())), StringComparison.Ordinal);

        var said = Warnings(dummy, Rdbms(_first));
        Assert.Equal(2, said.Length);
        Assert.Contains("auth.dummy of one.example says of every account that it exists", said[0], StringComparison.Ordinal);
        Assert.Contains("lets everybody in with any password", said[1], StringComparison.Ordinal);

        static string[] Warnings(params IAuthMethod[] methods)
        {
            using var log = new TestLog();
            _ = new AuthChain(Domain, methods, Plain, new ChainFixture(Plain), TimeProvider.System, log.CreateLogger<AuthChain>());
            return [.. log.Entries.Where(entry => entry.Level is LogLevel.Warning).Select(entry => entry.Text)];
        }
    }

    // CONF-103, AUTH-016, AUTH-031
    [Fact]
    public void The_offer_is_what_is_configured_and_can_be_served_in_the_order_of_the_file()
    {
        var options = Scram with { SaslMechanisms = [SaslMechanismName.Plain, SaslMechanismName.Oauth, SaslMechanismName.ScramSha512, SaslMechanismName.ScramSha256, SaslMechanismName.External, SaslMechanismName.Anonymous] };
        var chain = new ChainFixture(options, Internal(_first, options), new PkiAuthMethod()).Chain;
        Assert.Equal(["PLAIN", "SCRAM-SHA-256"], chain.Offer(null, hasVerifiedCertificate: false).Mechanisms);
        Assert.Equal(["PLAIN", "SCRAM-SHA-256", "EXTERNAL"], chain.Offer(null, hasVerifiedCertificate: true).Mechanisms);
        Assert.Equal(8, chain.Decoy.Iterations); // strangers are shown the rounds that accounts have
    }

    [Fact]
    public async Task Names_that_are_no_names_are_nobody()
    {
        var attempt = new ChainFixture(Plain, new PkiAuthMethod()).Chain.StartLogin(Domain, null);
        Assert.False(await attempt.AuthoriseCertificateAsync("a@b", null!, None));
        Assert.False(await attempt.CheckPasswordAsync("", "p", None));
        Assert.Null(await attempt.FindScramAsync("a b", ScramHash.Sha1, None));
    }
}
