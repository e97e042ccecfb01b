using System.Text;
using Meerkat.Modules.Offline;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Offline;

/// <summary>What every <see cref="IOfflineStore"/> does (OFF-003 to OFF-007).</summary>
public abstract class OfflineStoreSuite : StoreSuite<IOfflineStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid OtherAlice = BareJid.Parse("alice@two.example");
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task Messages_come_in_the_order_in_which_they_were_added_and_stay()
    {
        Assert.Empty(await Store.PeekAsync(Alice, 10, None));
        foreach (var text in (string[])["1", "2", "3"])
        {
            Assert.True(await AddAsync(Alice, text));
        }

        await AddAsync(Bob, "x");
        Assert.Equal(["1", "2", "3"], await TextsAsync(Alice));
        Assert.Equal(["1", "2"], await TextsAsync(Alice, 2));
        Assert.Equal(["1", "2", "3"], await TextsAsync(Alice));
    }

    [Fact]
    public async Task A_message_comes_back_as_it_was()
    {
        var message = new OfflineMessage(Encoding.UTF8.GetBytes("<message xmlns='jabber:client'><body>ß\U0001F600'</body></message>"), Jid.Parse("bob@one.example/r \u00e9"), Now, Now.AddTicks(-1230), Now.AddSeconds(9));
        await Store.AddAsync(Alice, message, long.MaxValue, None);
        await Store.AddAsync(Alice, message with { From = null, Expires = null }, long.MaxValue, None);

        var stored = await Store.PeekAsync(Alice, 10, None);
        Assert.Equal(message.Xml.ToArray(), stored[0].Message.Xml.ToArray());
        Assert.Equal((message.From, message.Stored, message.Sent, message.Expires), (stored[0].Message.From, stored[0].Message.Stored, stored[0].Message.Sent, stored[0].Message.Expires));
        Assert.Null(stored[1].Message.From);
        Assert.Null(stored[1].Message.Expires);
    }

    [Fact] // of several nodes one hands over at a time
    public async Task A_claim_is_one_nodes_until_it_runs_out_is_given_back_or_counts_no_more()
    {
        Assert.Equal("one", await ClaimAsync("one", Now, 60));
        Assert.Equal("one", await ClaimAsync("two", Now, 60));
        Assert.Equal("one", await ClaimAsync("one", Now.AddSeconds(30), 60)); // longer
        Assert.Equal("one", await ClaimAsync("two", Now.AddSeconds(89.9), 60));
        Assert.Equal("two", await ClaimAsync("two", Now.AddSeconds(90), 60));
        await Store.UnclaimAsync(Alice, "one", None);
        Assert.Equal("two", await ClaimAsync("one", Now.AddSeconds(91), 60));
        Assert.Equal("two", await ClaimAsync("one", Now.AddSeconds(91), 60, gone: "three"));
        Assert.Equal("one", await ClaimAsync("one", Now.AddSeconds(91), 60, gone: "two"));
        await Store.UnclaimAsync(Alice, "one", None);
        Assert.Equal("two", await ClaimAsync("two", Now.AddSeconds(91), 60));
        Assert.Equal("one", (await Store.ClaimAsync(Bob, new OfflineClaim("one", Now), Now, null, None)));
        await Store.UnclaimAsync(OtherAlice, "one", None);
    }

    [Fact]
    public async Task Of_many_who_claim_at_once_one_has_it()
    {
        var holders = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () => await ClaimAsync($"node{i}", Now, 60))));
        Assert.Single(holders.Distinct());
    }

    [Fact] // OFF-006
    public async Task What_is_removed_is_gone_and_the_rest_stays()
    {
        foreach (var text in (string[])["1", "2", "3"])
        {
            await AddAsync(Alice, text);
        }

        await AddAsync(Bob, "x");
        var stored = await Store.PeekAsync(Alice, 10, None);
        await Store.RemoveAsync(Bob, [stored[1].Id], None);
        await Store.RemoveAsync(Alice, [], None);
        Assert.Equal(["1", "2", "3"], await TextsAsync(Alice));

        await Store.RemoveAsync(Alice, [stored[0].Id, stored[2].Id], None);
        await Store.RemoveAsync(Alice, [stored[0].Id], None);
        Assert.Equal(["2"], await TextsAsync(Alice));
        Assert.Equal(["x"], await TextsAsync(Bob));
    }

    [Fact] // OFF-003
    public async Task Beyond_the_limit_nothing_is_added()
    {
        Assert.False(await AddAsync(Alice, "0", limit: 0));
        Assert.True(await AddAsync(Alice, "1", limit: 2));
        Assert.True(await AddAsync(Alice, "2", limit: 2));
        Assert.False(await AddAsync(Alice, "3", limit: 2));
        Assert.Equal(["1", "2"], await TextsAsync(Alice));
        Assert.True(await AddAsync(Bob, "x", limit: 2));
        Assert.True(await AddAsync(Alice, "3"));
    }

    [Fact] // OFF-003
    public async Task Many_who_add_at_once_do_not_get_beyond_the_limit()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => AddAsync(Alice, $"{i}", limit: 7))));
        Assert.Equal(7, added.Count(wasAdded => wasAdded));
        Assert.Equal(7, (await Store.PeekAsync(Alice, 100, None)).Count);
    }

    [Fact] // OFF-003, OFF-004
    public async Task What_has_expired_does_not_count()
    {
        await AddAsync(Alice, "old", expires: Now);
        await AddAsync(Alice, "new", expires: Now.AddSeconds(1));
        Assert.Equal(1, await Store.CountAsync(Alice, Now, None));
        Assert.True(await AddAsync(Alice, "2", limit: 2));
        Assert.False(await AddAsync(Alice, "3", limit: 2));
    }

    [Fact] // OFF-007
    public async Task An_administrator_removes_what_has_expired_in_a_domain()
    {
        await AddAsync(Alice, "old", expires: Now);
        await AddAsync(Alice, "new", expires: Now.AddSeconds(1));
        await AddAsync(Bob, "for ever");
        await AddAsync(OtherAlice, "old", expires: Now);

        Assert.Equal(1, await Store.RemoveExpiredAsync("one.example", Now, None));
        Assert.Equal(["new"], await TextsAsync(Alice));
        Assert.Equal(["for ever"], await TextsAsync(Bob));
        Assert.Equal(["old"], await TextsAsync(OtherAlice));
    }

    [Fact] // OFF-007
    public async Task An_administrator_removes_what_is_old_in_a_domain()
    {
        await AddAsync(Alice, "old", stored: Now.AddDays(-3));
        await AddAsync(Alice, "new", stored: Now.AddDays(-2));
        await AddAsync(OtherAlice, "old", stored: Now.AddDays(-3));

        Assert.Equal(1, await Store.RemoveOlderAsync("one.example", Now.AddDays(-2), None));
        Assert.Equal(["new"], await TextsAsync(Alice));
        Assert.Equal(["old"], await TextsAsync(OtherAlice));
    }

    [Fact]
    public async Task Messages_go_with_their_account_or_domain()
    {
        foreach (var account in new[] { Alice, Bob, OtherAlice })
        {
            await AddAsync(account, "1");
        }

        await Store.RemoveAccountAsync(Alice, None);
        Assert.Empty(await TextsAsync(Alice));
        Assert.Equal(["1"], await TextsAsync(Bob));
        await Store.RemoveDomainAsync("one.example", None);
        Assert.Empty(await TextsAsync(Bob));
        Assert.Equal(["1"], await TextsAsync(OtherAlice));
    }

    [Fact] // OFF-007
    public async Task Personal_data_holds_every_message_once()
    {
        Assert.Empty(await Store.ExportAsync(Alice, None).ToListAsync(None));
        for (var i = 0; i < 450; i++)
        {
            await AddAsync(Alice, $"{i}");
        }

        var sections = await Store.ExportAsync(Alice, None).ToListAsync(None);
        Assert.All(sections, section => Assert.Equal("offline", section.Name));
        Assert.Equal(["timestamp", "from", "to", "packet"], sections[0].Columns);
        Assert.Equal(Enumerable.Range(0, 450).Select(i => $"{i}"), sections.SelectMany(section => section.Rows).Select(row => row[3]));
        Assert.Equal(["2030-01-02T03:04:05Z", "bob@one.example/r", "alice@one.example"], sections[0].Rows[0].Take(3));
    }

    private async Task<string> ClaimAsync(string holder, DateTimeOffset now, int seconds, string? gone = null) =>
        await Store.ClaimAsync(Alice, new OfflineClaim(holder, now.AddSeconds(seconds)), now, gone, None);

    private async Task<bool> AddAsync(BareJid account, string text, long limit = long.MaxValue, DateTimeOffset? expires = null, DateTimeOffset? stored = null) =>
        await Store.AddAsync(account, new OfflineMessage(Encoding.UTF8.GetBytes(text), Jid.Parse("bob@one.example/r"), stored ?? Now, stored ?? Now, expires), limit, None);

    private async Task<IEnumerable<string>> TextsAsync(BareJid account, int max = 100) =>
        (await Store.PeekAsync(account, max, None)).Select(stored => Encoding.UTF8.GetString(stored.Message.Xml.Span));
}
