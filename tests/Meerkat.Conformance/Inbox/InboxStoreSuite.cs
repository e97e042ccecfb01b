using System.Text;
using Meerkat.Modules.Inbox;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Inbox;

/// <summary>What every <see cref="IInboxStore"/> does (INB-001, INB-011 to INB-014, INB-023, INB-032, INB-040, INB-042).</summary>
public abstract class InboxStoreSuite : StoreSuite<IInboxStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid Carol = BareJid.Parse("carol@far.example");
    private static readonly BareJid OtherAlice = BareJid.Parse("alice@two.example");

    [Fact] // INB-001, INB-011
    public async Task Messages_are_counted_and_the_last_is_shown()
    {
        Assert.Equal((1, null), await AddAsync(Bob, 10, "m1"));
        Assert.Equal((2, "inbox"), await AddAsync(Bob, 20, "m2"));
        var entry = await Store.FindAsync(Alice, Bob, None);
        Assert.Equal((Bob, "m2", "inbox", 20, 0, 2), (entry!.Remote, entry.MessageId, entry.Box, entry.Timestamp, entry.MutedUntil, entry.Unread));
        Assert.Equal("<m2 é/>", Encoding.UTF8.GetString(entry.Content.Span));
        Assert.Null(await Store.FindAsync(Alice, Carol, None));
        Assert.Null(await Store.FindAsync(OtherAlice, Bob, None));

        await ApplyAsync(Bob, new InboxChange(InboxChangeKind.Write, 30) { MessageId = "m3", Content = "<o/>"u8.ToArray(), Count = 0 });
        Assert.Equal(("m3", 0), await ShownAsync(Bob));
    }

    [Fact] // INB-012
    public async Task An_older_message_changes_nothing()
    {
        await AddAsync(Bob, 20, "m2");
        await AddAsync(Bob, 20, "same");
        await AddAsync(Bob, 10, "older");
        await ApplyAsync(Bob, new InboxChange(InboxChangeKind.Write, 20) { MessageId = "x", Content = "<x/>"u8.ToArray() });
        Assert.Equal(("m2", 1), await ShownAsync(Bob));
    }

    [Fact] // INB-014
    public async Task A_conversation_is_read()
    {
        await AddAsync(Bob, 10, "m1");
        await AddAsync(Bob, 20, "m2");
        await ApplyAsync(Bob, new InboxChange(InboxChangeKind.ResetOf, 30) { MessageId = "m1" });
        Assert.Equal(("m2", 2), await ShownAsync(Bob));
        await ApplyAsync(Bob, new InboxChange(InboxChangeKind.Reset, 15));
        Assert.Equal(("m2", 2), await ShownAsync(Bob));
        await ApplyAsync(Bob, new InboxChange(InboxChangeKind.ResetOf, 5) { MessageId = "m2" });
        Assert.Equal(("m2", 0), await ShownAsync(Bob));
        await AddAsync(Bob, 30, "m3");
        await ApplyAsync(Bob, new InboxChange(InboxChangeKind.Reset, 30));
        Assert.Equal(("m3", 0), await ShownAsync(Bob));
        Assert.Equal(default, (await ApplyAsync(Carol, new InboxChange(InboxChangeKind.Reset, 30))).Entry); // nothing comes of nothing
        Assert.Null(await Store.FindAsync(Alice, Carol, None));
    }

    [Theory] // INB-012
    [InlineData("archive", "inbox")]
    [InlineData("bin", "bin")]
    [InlineData("work", "work")]
    public async Task A_message_takes_a_conversation_out_of_the_archive_only(string box, string expected)
    {
        await AddAsync(Bob, 10, "m1");
        Assert.Equal((box, 1, 99), await SetAsync(Bob, new InboxProperties(box, null, 99)));
        Assert.Equal((2, box), await AddAsync(Bob, 20, "m2"));
        var entry = await Store.FindAsync(Alice, Bob, None);
        Assert.Equal((expected, 99), (entry!.Box, entry.MutedUntil));
    }

    [Fact] // INB-041
    public async Task A_message_may_name_its_box()
    {
        await ApplyAsync(Bob, new InboxChange(InboxChangeKind.Write, 10) { Content = "<a/>"u8.ToArray(), Box = "bin" });
        Assert.Equal("bin", (await Store.FindAsync(Alice, Bob, None))!.Box);
        await ApplyAsync(Bob, new InboxChange(InboxChangeKind.Write, 20) { Content = "<a/>"u8.ToArray(), Box = "inbox" });
        Assert.Equal("inbox", (await Store.FindAsync(Alice, Bob, None))!.Box);
    }

    [Fact]
    public async Task A_conversation_is_removed()
    {
        await AddAsync(Bob, 10, "m1");
        await AddAsync(Carol, 10, "m1");
        var outcome = await ApplyAsync(Bob, new InboxChange(InboxChangeKind.Remove, 0));
        Assert.Equal((null, "inbox"), (outcome.Entry, outcome.BoxBefore));
        Assert.Null(await Store.FindAsync(Alice, Bob, None));
        Assert.NotNull(await Store.FindAsync(Alice, Carol, None));
    }

    [Fact] // INB-032
    public async Task Properties_are_set_one_by_one()
    {
        Assert.Null(await Store.SetAsync(Alice, Bob, new InboxProperties("archive", null, null), None));
        await AddAsync(Bob, 10, "m1");
        await AddAsync(Bob, 20, "m2");
        Assert.Equal(("inbox", 2, 0), await SetAsync(Bob, new InboxProperties(null, false, null)));
        Assert.Equal(("inbox", 0, 0), await SetAsync(Bob, new InboxProperties(null, true, null)));
        Assert.Equal(("inbox", 1, 0), await SetAsync(Bob, new InboxProperties(null, false, null)));
        Assert.Equal(("archive", 1, 7), await SetAsync(Bob, new InboxProperties("archive", null, 7)));
        Assert.Equal(("archive", 1, 7), await SetAsync(Bob, new InboxProperties(null, null, null)));
    }

    [Fact] // INB-022 to INB-024
    public async Task Conversations_are_filtered_ordered_and_paged()
    {
        await AddAsync(Bob, 30, "m");
        await AddAsync(Carol, 20, "m");
        await AddAsync(OtherAlice, 20, "m");
        await AddAsync(BareJid.Parse("binned@x.example"), 10, "m");
        await SetAsync(BareJid.Parse("binned@x.example"), new InboxProperties("bin", null, null));
        await SetAsync(Carol, new InboxProperties("archive", true, null));

        await ExpectAsync(new(), "bob", "alice", "carol");
        await ExpectAsync(new() { IsAscending = true }, "carol", "alice", "bob");
        await ExpectAsync(new() { Box = "all" }, "bob", "alice", "carol", "binned");
        await ExpectAsync(new() { Box = "archive" }, "carol");
        await ExpectAsync(new() { Box = "bin" }, "binned");
        await ExpectAsync(new() { IsUnread = true }, "bob", "alice");
        await ExpectAsync(new() { Start = 21 }, "bob");
        await ExpectAsync(new() { End = 20 }, "alice", "carol");
        await ExpectAsync(new() { Start = 20, End = 30, Limit = 2 }, "bob", "alice");
        await ExpectAsync(new() { OlderThan = (30, Bob) }, "alice", "carol");
        await ExpectAsync(new() { OlderThan = (20, OtherAlice) }, "carol");
        await ExpectAsync(new() { NewerThan = (20, Carol), IsAscending = true }, "alice", "bob");
        await ExpectAsync(new() { NewerThan = (20, OtherAlice), IsAscending = true }, "bob");

        async Task ExpectAsync(InboxFilter filter, params string[] names) =>
            Assert.Equal(names, (await Store.QueryAsync(Alice, filter, None)).Select(entry => entry.Remote.Local));
    }

    [Fact] // INB-035, INB-040
    public async Task Bins_are_emptied()
    {
        foreach (var owner in (BareJid[])[Alice, Bob, OtherAlice])
        {
            await Store.ApplyAsync([new(owner, Carol, new(InboxChangeKind.Write, 10) { Box = "bin" }), new(owner, BareJid.Parse("x.example"), new(InboxChangeKind.Write, 20) { Box = "bin" }), new(owner, BareJid.Parse("y.example"), new(InboxChangeKind.Write, 5))], None);
        }

        Assert.Equal(1, await Store.EmptyBinAsync(Alice, 20, None));
        Assert.Equal(1, await Store.EmptyBinAsync(Alice, long.MaxValue, None));
        Assert.Equal(0, await Store.EmptyBinAsync(Alice, long.MaxValue, None));
        Assert.Equal(1, await Store.EmptyBinsAsync("one.example", 20, None));
        Assert.Equal(1, await Store.EmptyBinsAsync("one.example", 21, None));
        await ExpectCountsAsync(1, 1, 3);
    }

    [Fact] // INB-042
    public async Task Accounts_and_domains_go_and_are_told_what_is_kept()
    {
        await AddAsync(Bob, 1_000_000, "m");
        await Store.ApplyAsync([new(Bob, Alice, new(InboxChangeKind.Write, 10)), new(Bob, Carol, new(InboxChangeKind.Write, 10)), new(OtherAlice, Bob, new(InboxChangeKind.Write, 10))], None);
        var section = Assert.Single(await Store.ExportAsync(Alice, None).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("inbox", 4), (section.Name, section.Columns.Count));
        Assert.Equal(["bob@one.example", "<m é/>", "1", "1970-01-01T00:00:01Z"], Assert.Single(section.Rows));

        await Store.RemoveAccountAsync(Alice, None);
        await ExpectCountsAsync(0, 2, 1);
        Assert.Equal(1, await Store.RemoveSomeAsync("one.example", 1, None));
        Assert.Equal(1, await Store.RemoveSomeAsync("one.example", 5, None));
        await Store.RemoveDomainAsync("two.example", None);
        await ExpectCountsAsync(0, 0, 0);
    }

    [Fact]
    public async Task Writers_at_once_lose_no_count()
    {
        var stamp = 0L;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await Store.ApplyAsync([new(Alice, Bob, new(InboxChangeKind.ResetOf, 0) { MessageId = "none" }), new(Bob, Alice, new(InboxChangeKind.Increment, Interlocked.Increment(ref stamp)) { Count = 1 })], None);
            }
        })));
        var entry = await Store.FindAsync(Bob, Alice, None);
        Assert.InRange(entry!.Unread, 1, 160); // one that is overtaken by a later message is not counted (INB-012)
        Assert.Equal(160, entry.Timestamp);
    }

    private async Task<(int, string?)> AddAsync(BareJid remote, long stamp, string id)
    {
        var outcome = await ApplyAsync(remote, new InboxChange(InboxChangeKind.Increment, stamp) { MessageId = id, Content = Encoding.UTF8.GetBytes($"<{id} é/>"), Count = 1 });
        return (outcome.Entry!.Unread, outcome.BoxBefore);
    }

    private async Task<InboxOutcome> ApplyAsync(BareJid remote, InboxChange change) => Assert.Single(await Store.ApplyAsync([new(Alice, remote, change)], None));

    private async Task<(string Box, int Unread, long Muted)> SetAsync(BareJid remote, InboxProperties properties)
    {
        var entry = await Store.SetAsync(Alice, remote, properties, None);
        Assert.Equal((entry!.Box, entry.Unread, entry.MutedUntil), await ReadAsync());
        return (entry.Box, entry.Unread, entry.MutedUntil);

        async Task<(string, int, long)> ReadAsync() => await Store.FindAsync(Alice, remote, None) is { } found ? (found.Box, found.Unread, found.MutedUntil) : default;
    }

    private async Task<(string, int)> ShownAsync(BareJid remote) => await Store.FindAsync(Alice, remote, None) is { } entry ? (entry.MessageId, entry.Unread) : default;

    private async Task ExpectCountsAsync(params int[] counts) => Assert.Equal(counts, await Task.WhenAll(CountAsync(Alice), CountAsync(Bob), CountAsync(OtherAlice)));

    private async Task<int> CountAsync(BareJid owner) => (await Store.QueryAsync(owner, new InboxFilter { Box = "all" }, None)).Count;
}
