using Meerkat.Core.Accounts;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;
using Xunit;

namespace Meerkat.Conformance.Accounts;

/// <summary>What every <see cref="IAccountStore"/> does (AUTH-044 to AUTH-055).</summary>
public abstract class AccountStoreSuite : StoreSuite<IAccountStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid OtherAlice = BareJid.Parse("alice@two.example");
    private static readonly AccountPassword Password = AccountPassword.FromPlain("Open-Sesame-42");

    [Fact]
    public async Task An_account_that_was_created_exists_with_its_password()
    {
        Assert.False(await Store.ExistsAsync(Alice, None));
        Assert.Null(await Store.FindPasswordAsync(Alice, None));

        Assert.True(await Store.CreateAsync(Alice, Password, None));

        Assert.True(await Store.ExistsAsync(Alice, None));
        Assert.Equal("Open-Sesame-42", (await Store.FindPasswordAsync(Alice, None))!.Plain);
        Assert.False(await Store.ExistsAsync(OtherAlice, None));
        Assert.False(await Store.ExistsAsync(Bob, None));
    }

    // AUTH-039, AUTH-050
    [Fact]
    public async Task Scram_keys_come_back_as_they_were_and_without_the_password()
    {
        var scram = ScramCredentials.Create("Open-Sesame-42", ScramCredentials.AllHashes, 16);
        await Store.CreateAsync(Alice, AccountPassword.FromScram(scram), None);

        var found = await Store.FindPasswordAsync(Alice, None);
        Assert.Null(found!.Plain);
        Assert.Equal(scram.Serialise(), found.Scram!.Serialise());
    }

    // AUTH-045
    [Fact]
    public async Task An_account_that_exists_is_not_created_again_and_keeps_its_password()
    {
        await Store.CreateAsync(Alice, Password, None);
        Assert.False(await Store.CreateAsync(Alice, AccountPassword.FromPlain("other"), None));
        Assert.Equal("Open-Sesame-42", (await Store.FindPasswordAsync(Alice, None))!.Plain);
    }

    [Fact]
    public async Task Of_many_that_create_the_same_account_at_once_one_does()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () => await Store.CreateAsync(Alice, AccountPassword.FromPlain($"{i}"), None))));
        var winner = Assert.Single(Enumerable.Range(0, 20), i => created[i]);
        Assert.Equal($"{winner}", (await Store.FindPasswordAsync(Alice, None))!.Plain);
    }

    [Fact]
    public async Task A_password_is_changed_to_either_format()
    {
        Assert.False(await Store.SetPasswordAsync(Alice, Password, None));
        Assert.False(await Store.ExistsAsync(Alice, None));

        await Store.CreateAsync(Alice, Password, None);
        var scram = AccountPassword.FromScram(ScramCredentials.Create("new", [ScramHash.Sha256], 16));
        Assert.True(await Store.SetPasswordAsync(Alice, scram, None));
        Assert.Null((await Store.FindPasswordAsync(Alice, None))!.Plain);
        Assert.True(await Store.SetPasswordAsync(Alice, Password, None));
        Assert.Null((await Store.FindPasswordAsync(Alice, None))!.Scram);
    }

    [Fact]
    public async Task A_removed_account_is_gone_and_can_be_created_again()
    {
        await Store.CreateAsync(Alice, Password, None);
        await Store.CreateAsync(OtherAlice, Password, None);
        Assert.True(await Store.RemoveAsync(Alice, None));
        Assert.False(await Store.RemoveAsync(Alice, None));
        Assert.False(await Store.ExistsAsync(Alice, None));
        Assert.True(await Store.ExistsAsync(OtherAlice, None));
        Assert.True(await Store.CreateAsync(Alice, Password, None));

        await Store.RemoveAccountAsync(Alice, None);
        Assert.False(await Store.ExistsAsync(Alice, None));
    }

    [Fact] // AUTH-053
    public async Task Accounts_of_a_moment_are_listed_page_by_page_whoever_comes_later()
    {
        string[] names = ["c", "a", "b", "e", "d"];
        foreach (var name in names)
        {
            await CreateAsync(name);
        }

        await Store.CreateAsync(OtherAlice, Password, None);
        var until = (await Store.ListAsync("one.example", AccountListing.All, None)).Max(account => account.CreatedAt);
        var seen = new List<Account>();
        while (await Store.ListCreatedAsync("one.example", until, seen.LastOrDefault(), 2, None) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 2);
            seen.AddRange(page);
        }

        Assert.Equal(names.Order(), seen.Select(account => account.Jid.Local).Order());
        Assert.Equal(seen.OrderBy(account => account.CreatedAt).ThenBy(account => account.Jid.Local, StringComparer.Ordinal), seen);
        Assert.Empty(await Store.ListCreatedAsync("one.example", until.AddMilliseconds(-600_000), null, 10, None));
        Assert.Equal(5, (await Store.ListCreatedAsync("one.example", DateTimeOffset.MaxValue, null, 10, None)).Count);
    }

    [Fact] // AUTH-038
    public async Task A_plain_password_is_replaced_only_while_it_is_that_one()
    {
        var keys = AccountPassword.FromScram(ScramCredentials.Create("Open-Sesame-42", [ScramHash.Sha256], 16));
        Assert.False(await Store.TryReplacePlainAsync(Alice, "Open-Sesame-42", keys, None));
        await Store.CreateAsync(Alice, Password, None);
        Assert.False(await Store.TryReplacePlainAsync(Alice, "other", keys, None));
        Assert.NotNull((await Store.FindPasswordAsync(Alice, None))!.Plain);
        Assert.True(await Store.TryReplacePlainAsync(Alice, "Open-Sesame-42", keys, None));
        Assert.NotNull((await Store.FindPasswordAsync(Alice, None))!.Scram);
        Assert.False(await Store.TryReplacePlainAsync(Alice, "", keys, None)); // keys leave an empty plain password
    }

    [Fact] // AUTH-169
    public async Task A_sample_of_passwords_has_each_account_once_up_to_the_limit()
    {
        Assert.Empty(await Store.SampleAsync(10, None));
        for (var i = 0; i < 5; i++)
        {
            await Store.CreateAsync(BareJid.Parse($"u{i}@one.example"), AccountPassword.FromPlain($"p{i}"), None);
        }

        Assert.Equal(["p0", "p1", "p2", "p3", "p4"], (await Store.SampleAsync(10, None)).Select(password => password.Plain).Order());
        Assert.Equal(4, (await Store.SampleAsync(4, None)).Select(password => password.Plain).Distinct().Count());
    }

    // AUTH-055
    [Fact]
    public async Task Removing_a_domain_removes_its_accounts_and_no_others()
    {
        foreach (var account in new[] { Alice, Bob, OtherAlice })
        {
            await Store.CreateAsync(account, Password, None);
        }

        await Store.RemoveDomainAsync("one.example", None);
        Assert.Equal(0, await Store.CountAsync("one.example", None));
        Assert.False(await Store.ExistsAsync(Bob, None));
        Assert.Equal(1, await Store.CountAsync("two.example", None));
    }

    // AUTH-053
    [Fact]
    public async Task Accounts_are_listed_by_the_bytes_of_their_names_from_an_offset_up_to_a_limit()
    {
        // Beyond the BMP, UTF-16 would order otherwise: 𐐨 (U+10428) has lower code units than ﷲ (U+FDF2) but higher bytes.
        string[] names = ["a%b", "a_b", "ab", "ab1", "ab2", "abc", "b", "é", "ŉx", "𐐨"];
        foreach (var name in names.Reverse().Where(n => BareJid.TryCreate(n, "one.example", out _)))
        {
            await CreateAsync(name);
        }

        await Store.CreateAsync(OtherAlice, Password, None);
        var all = await NamesAsync(AccountListing.All);
        Assert.Equal(all.Order(Comparer<string>.Create((a, b) => System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b)))), all);
        Assert.True(all.Count >= 8);

        Assert.Equal(all.Take(3), await NamesAsync(new AccountListing { Limit = 3 }));
        Assert.Equal(all.Skip(2).Take(3), await NamesAsync(new AccountListing { Limit = 3, Offset = 2 }));
        Assert.Equal(all.Skip(2), await NamesAsync(new AccountListing { Offset = 2 }));
        Assert.Empty(await NamesAsync(new AccountListing { Offset = 100 }));
        Assert.Equal(all.Count, await Store.CountAsync("one.example", None));
    }

    [Fact]
    public async Task A_prefix_is_taken_literally()
    {
        foreach (var name in (string[])["a%b", "a_b", "ab", "abc", "b", "ac"])
        {
            await CreateAsync(name);
        }

        Assert.Equal(["ab", "abc"], await NamesAsync(new AccountListing { Prefix = "ab" }));
        Assert.Equal(["a_b"], await NamesAsync(new AccountListing { Prefix = "a_" }));
        Assert.Equal(["a%b"], await NamesAsync(new AccountListing { Prefix = "a%" }));
        Assert.Equal(["abc"], await NamesAsync(new AccountListing { Prefix = "ab", Offset = 1, Limit = 5 }));
        Assert.Empty(await NamesAsync(new AccountListing { Prefix = "x" }));
    }

    [Fact]
    public async Task An_account_knows_when_it_was_created()
    {
        var before = DateTimeOffset.UtcNow.AddMilliseconds(-1);
        await Store.CreateAsync(Alice, Password, None);
        var account = Assert.Single(await Store.ListAsync("one.example", AccountListing.All, None));
        Assert.Equal(Alice, account.Jid);
        Assert.InRange(account.CreatedAt, before, DateTimeOffset.UtcNow);

        await Store.SetPasswordAsync(Alice, AccountPassword.FromPlain("other"), None);
        Assert.Equal(account, Assert.Single(await Store.ListAsync("one.example", AccountListing.All, None)));
    }

    [Fact]
    public async Task Personal_data_holds_the_account_and_not_its_password()
    {
        Assert.Empty(await Store.ExportAsync(Alice, None).ToListAsync(None));
        await Store.CreateAsync(Alice, Password, None);
        var section = Assert.Single(await Store.ExportAsync(Alice, None).ToListAsync(None));
        Assert.Equal("account", section.Name);
        Assert.Equal("alice@one.example", section.Rows[0][0]);
        Assert.DoesNotContain(section.Rows[0], text => text.Contains("Sesame"));
    }

    [Fact]
    public async Task Long_and_foreign_names_are_names_too()
    {
        foreach (var local in (string[])[new('x', 1023), new('ß', 100), "𐐨", "quote'\"; drop"])
        {
            if (BareJid.TryCreate(local, "one.example", out var account))
            {
                Assert.True(await Store.CreateAsync(account, Password, None));
                Assert.True(await Store.ExistsAsync(account, None));
            }
        }

        Assert.True(await Store.CountAsync("one.example", None) >= 2);
    }

    private async Task CreateAsync(string name)
    {
        Assert.True(BareJid.TryCreate(name, "one.example", out var account));
        Assert.True(await Store.CreateAsync(account, Password, None));
    }

    private async Task<IReadOnlyList<string>> NamesAsync(AccountListing listing) =>
        [.. (await Store.ListAsync("one.example", listing, None)).Select(a => a.Jid.Local!)];
}
