using Meerkat.Modules.LastActivity;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.LastActivity;

/// <summary>What every <see cref="ILastActivityStore"/> does (LST-003 to LST-006).</summary>
public abstract class LastActivityStoreSuite : StoreSuite<ILastActivityStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid OtherAlice = BareJid.Parse("alice@two.example");
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task What_was_set_last_is_found()
    {
        Assert.Null(await Store.FindAsync(Alice, None));
        await Store.SetAsync(Alice, new LastSeen(Now, "gone ß"), None);
        Assert.Equal(new LastSeen(Now, "gone ß"), await Store.FindAsync(Alice, None));
        await Store.SetAsync(Alice, new LastSeen(Now.AddSeconds(1), ""), None);
        Assert.Equal(new LastSeen(Now.AddSeconds(1), ""), await Store.FindAsync(Alice, None));
        Assert.Null(await Store.FindAsync(Bob, None));
    }

    [Fact] // LST-004
    public async Task What_is_newer_is_not_overwritten()
    {
        await Store.SetAsync(Alice, new LastSeen(Now, "new"), None);
        await Store.SetAsync(Alice, new LastSeen(Now.AddSeconds(-1), "old"), None);
        Assert.Equal("new", (await Store.FindAsync(Alice, None))!.Status);
        await Store.SetAsync(Alice, new LastSeen(Now, "same time"), None);
        Assert.Equal("same time", (await Store.FindAsync(Alice, None))!.Status);
    }

    [Fact] // GQA-LAST-04
    public async Task An_administrator_overwrites_what_is_newer()
    {
        await Store.OverwriteAsync(Alice, new LastSeen(Now, "new"), None);
        await Store.OverwriteAsync(Alice, new LastSeen(Now.AddSeconds(-1), "old"), None);
        Assert.Equal(new LastSeen(Now.AddSeconds(-1), "old"), await Store.FindAsync(Alice, None));
    }

    [Fact] // LST-006
    public async Task Accounts_are_counted_and_listed_by_time()
    {
        await Store.SetAsync(Bob, new LastSeen(Now.AddDays(-2), ""), None);
        await Store.SetAsync(Alice, new LastSeen(Now.AddDays(-3), ""), None);
        await Store.SetAsync(OtherAlice, new LastSeen(Now, ""), None);

        Assert.Equal(2, await Store.CountAfterAsync("one.example", Now.AddDays(-4), None));
        Assert.Equal(1, await Store.CountAfterAsync("one.example", Now.AddDays(-3), None));
        Assert.Equal(0, await Store.CountAfterAsync("one.example", Now.AddDays(-2), None));
        var seen = await Store.ListAsync("one.example", None);
        Assert.Equal([Alice, Bob], seen.Keys.OrderBy(account => account.Local, StringComparer.Ordinal));
        Assert.Equal(Now.AddDays(-3), seen[Alice]);
        Assert.Empty(await Store.ListAsync("three.example", None));
    }

    [Fact]
    public async Task Activities_go_with_their_account_or_domain()
    {
        foreach (var account in new[] { Alice, Bob, OtherAlice })
        {
            await Store.SetAsync(account, new LastSeen(Now, ""), None);
        }

        await Store.RemoveAccountAsync(Alice, None);
        Assert.Null(await Store.FindAsync(Alice, None));
        await Store.RemoveDomainAsync("one.example", None);
        Assert.Null(await Store.FindAsync(Bob, None));
        Assert.NotNull(await Store.FindAsync(OtherAlice, None));
    }

    [Fact]
    public async Task Personal_data_holds_the_moment_and_the_status()
    {
        Assert.Empty(await Store.ExportAsync(Alice, None).ToListAsync(None));
        await Store.SetAsync(Alice, new LastSeen(Now, "gone"), None);
        Assert.Equal(["2030-01-02T03:04:05Z", "gone"], Assert.Single(await Store.ExportAsync(Alice, None).ToListAsync(None)).Rows[0]);
    }

    [Fact] // LST-004
    public async Task Several_are_noted_at_once_unless_something_newer_is_known()
    {
        await Store.SetAsync(Alice, new LastSeen(Now, "new"), None);
        await Store.SetAsync(Bob, new LastSeen(Now.AddSeconds(-9), "old"), None);
        await Store.NoteAsync([Alice, Bob, OtherAlice], Now.AddSeconds(-5), None);
        Assert.Equal(new LastSeen(Now, "new"), await Store.FindAsync(Alice, None));
        Assert.Equal(new LastSeen(Now.AddSeconds(-5), ""), await Store.FindAsync(Bob, None));
        Assert.Equal(new LastSeen(Now.AddSeconds(-5), ""), await Store.FindAsync(OtherAlice, None));
        await Store.NoteAsync([], Now, None);
    }
}
