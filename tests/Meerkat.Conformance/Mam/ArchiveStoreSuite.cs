using System.Text;
using Meerkat.Modules.Mam;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Mam;

/// <summary>What every <see cref="IArchiveStore"/> does (MAM-030 to MAM-042, MAM-071, MAM-080 to MAM-089).</summary>
public abstract class ArchiveStoreSuite<TStore> : StoreSuite<TStore>
    where TStore : class, IArchiveStore
{
    protected static readonly CancellationToken None = CancellationToken.None;
    protected static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    protected static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    protected static readonly BareJid Carol = BareJid.Parse("carol@far.example");
    private static readonly BareJid s_otherAlice = BareJid.Parse("alice@two.example");

    [Fact] // MAM-080
    public async Task A_message_comes_back_as_it_was()
    {
        var message = Make(1L << 62, Bob) with
        {
            From = Jid.Parse("alice@one.example/r \u00e9"),
            Xml = Encoding.UTF8.GetBytes("<message type='chat'><body>ß\U0001F600'\u00e9</body></message>"),
            Resource = "Räume",
            IsOutgoing = true,
            IsGroupchat = true,
            OriginId = "öid",
        };
        await AddAsync(Alice, message, Make(7, Carol));

        var page = await QueryAsync(Alice, new());
        Assert.Equal([7, 1L << 62], Ids(page));
        var found = page.Messages[1];
        Assert.Equal(message.Xml.ToArray(), found.Xml.ToArray());
        Assert.Equal((message.From, message.Remote, message.Resource, message.IsOutgoing, message.IsGroupchat, message.OriginId), (found.From, found.Remote, found.Resource, found.IsOutgoing, found.IsGroupchat, found.OriginId));
        Assert.Equal((null, false, false, null), (page.Messages[0].Resource, page.Messages[0].IsOutgoing, page.Messages[0].IsGroupchat, page.Messages[0].OriginId));
    }

    [Fact]
    public async Task Archives_are_apart_and_in_the_order_of_their_ids()
    {
        await Store.AppendAsync([new(Alice, Make(5, Bob)), new(s_otherAlice, Make(4, Bob)), new(Alice, Make(3, Bob)), new(Bob, Make(5, Alice))], None);
        await AddAsync(Alice, Make(1, Bob));
        Assert.Equal([1, 3, 5], Ids(await QueryAsync(Alice, new())));
        Assert.Equal([4], Ids(await QueryAsync(s_otherAlice, new())));
        Assert.Empty((await QueryAsync(Carol, new())).Messages);
    }

    [Fact] // MAM-016: the same message, sent again, is one row
    public async Task A_message_that_is_there_already_is_passed_over()
    {
        var message = Make(10, Bob) with { OriginId = "o", IsOutgoing = true };
        await AddAsync(Alice, message, message with { Id = 11 });
        await AddAsync(Alice, message with { Id = 12 });
        await AddAsync(Alice, Make(10, Carol));
        Assert.Equal([10], Ids(await QueryAsync(Alice, new())));

        await AddAsync(Alice, message with { Id = 13, IsOutgoing = false }, message with { Id = 14, Remote = Carol }, message with { Id = 15, OriginId = "O" }, message with { Id = 16, OriginId = null }, message with { Id = 17, OriginId = null });
        await AddAsync(s_otherAlice, message with { Id = 18 });
        Assert.Equal([10, 13, 14, 15, 16, 17], Ids(await QueryAsync(Alice, new())));
        Assert.Equal([18], Ids(await QueryAsync(s_otherAlice, new())));
    }

    [Theory] // MAM-016: whatever a store makes of many rows at once, each is written once
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(65)]
    [InlineData(137)]
    [InlineData(500)]
    public async Task A_batch_of_any_size_is_written_whole_and_once(int size)
    {
        ArchivedMessage[] batch = [.. Enumerable.Range(1, size).Select(id => Make(id, Bob) with { OriginId = $"o{id}", IsOutgoing = true, Resource = $"r{id}", SearchText = $"s{id}" })];
        await AddAsync(Alice, batch[0], batch[^1]);
        await AddAsync(Alice, batch);
        await AddAsync(Alice, [.. batch.Select(message => message with { Id = message.Id + 1000 })]); // sent again
        await AddAsync(Alice, [.. batch.Select(message => message with { OriginId = null, Resource = "again" })]); // written again, as after a commit of which nobody heard
        var found = (await QueryAsync(Alice, new() { Limit = 1000 })).Messages;
        Assert.Equal(batch.Select(message => (message.Id, message.OriginId, message.Resource)), found.Select(message => (message.Id, message.OriginId, message.Resource)));

        long[] ids = [.. batch.Select(message => message.Id).Reverse()];
        Assert.Equal(ids, (await Store.GetAsync(Alice, ids, None)).Select(message => message.Id));
    }

    [Fact] // MAM-033 to MAM-036
    public async Task Pages_go_forward()
    {
        await AddManyAsync(10);
        await ExpectAsync(new() { Limit = 4 }, [1, 2, 3, 4], isLast: false, count: 10, index: 0);
        await ExpectAsync(new() { Limit = 4, After = 4 }, [5, 6, 7, 8], isLast: false, count: 10, index: 4);
        await ExpectAsync(new() { Limit = 4, After = 8 }, [9, 10], isLast: true, count: 10, index: 8);
        await ExpectAsync(new() { Limit = 4, After = 10 }, [], isLast: true, count: 10, index: null);
        await ExpectAsync(new() { Limit = 10 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], isLast: true, count: 10, index: 0);
        await ExpectAsync(new() { Limit = 0 }, [], isLast: false, count: 10, index: null);
    }

    [Fact] // MAM-033 to MAM-036
    public async Task Pages_go_backward()
    {
        await AddManyAsync(10);
        await ExpectAsync(new() { Limit = 4, FromEnd = true }, [7, 8, 9, 10], isLast: false, count: 10, index: 6);
        await ExpectAsync(new() { Limit = 4, FromEnd = true, Before = 7 }, [3, 4, 5, 6], isLast: false, count: 10, index: 2);
        await ExpectAsync(new() { Limit = 4, FromEnd = true, Before = 3 }, [1, 2], isLast: true, count: 10, index: 0);
        await ExpectAsync(new() { Limit = 4, FromEnd = true, Before = 1 }, [], isLast: true, count: 10, index: null);
        await ExpectAsync(new() { Limit = 10, FromEnd = true }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], isLast: true, count: 10, index: 0);
    }

    [Fact] // XEP-0313 §4.1.1.4: both at once are a range
    public async Task A_page_may_lie_between_two_ids()
    {
        await AddManyAsync(10);
        await ExpectAsync(new() { Limit = 3, After = 2, Before = 8 }, [3, 4, 5], isLast: false, count: 10, index: 2);
        await ExpectAsync(new() { Limit = 3, After = 2, Before = 8, FromEnd = true }, [5, 6, 7], isLast: false, count: 10, index: 4);
        await ExpectAsync(new() { Limit = 9, After = 2, Before = 8, FromEnd = true }, [3, 4, 5, 6, 7], isLast: true, count: 10, index: 2);
    }

    [Fact] // MAM-033
    public async Task A_page_may_begin_at_a_number()
    {
        await AddManyAsync(10);
        await ExpectAsync(new() { Limit = 3, Index = 0 }, [1, 2, 3], isLast: false, count: 10, index: 0);
        await ExpectAsync(new() { Limit = 3, Index = 8 }, [9, 10], isLast: true, count: 10, index: 8);
        await ExpectAsync(new() { Limit = 3, Index = 10 }, [], isLast: true, count: 10, index: null);
        await ExpectAsync(new() { Limit = 2, Index = 2, With = Bob }, [5, 7], isLast: false, count: 5, index: 2);
    }

    [Fact] // MAM-037
    public async Task A_page_at_an_id_that_is_not_there_is_none_unless_the_query_is_simple()
    {
        await AddManyAsync(10);
        Assert.Null(await Store.QueryAsync(Alice, new() { After = 99 }, None));
        Assert.Null(await Store.QueryAsync(Alice, new() { Before = 99, FromEnd = true }, None));
        Assert.Null(await Store.QueryAsync(Alice, new() { After = 2, With = Bob }, None)); // there, but does not match
        Assert.Null(await Store.QueryAsync(Alice, new() { After = 2, From = 3 }, None));
        Assert.Empty((await QueryAsync(Alice, new() { After = 99, IsSimple = true })).Messages);
        Assert.Equal([9, 10], Ids(await QueryAsync(Alice, new() { Before = 99, FromEnd = true, Limit = 2, IsSimple = true })));
    }

    [Fact] // MAM-034, MAM-036
    public async Task A_simple_page_has_no_numbers_and_knows_whether_it_is_the_last()
    {
        await AddManyAsync(5);
        await ExpectAsync(new() { Limit = 5, IsSimple = true }, [1, 2, 3, 4, 5], isLast: true, count: null, index: null);
        await ExpectAsync(new() { Limit = 4, IsSimple = true }, [1, 2, 3, 4], isLast: false, count: null, index: null);
        await ExpectAsync(new() { Limit = 4, IsSimple = true, FromEnd = true }, [2, 3, 4, 5], isLast: false, count: null, index: null);
        await ExpectAsync(new() { Limit = 1, IsSimple = true, FromEnd = true, Before = 2 }, [1], isLast: true, count: null, index: null);
    }

    [Fact] // MAM-004, MAM-031, MAM-035
    public async Task Borders_narrow_what_matches()
    {
        await AddManyAsync(10);
        await ExpectAsync(new() { From = 3, To = 8, Limit = 2 }, [3, 4], isLast: false, count: 6, index: 0);
        await ExpectAsync(new() { From = 3, To = 8, Limit = 2, FromEnd = true }, [7, 8], isLast: false, count: 6, index: 4);
        await ExpectAsync(new() { From = 3, To = 8, Limit = 9, After = 5 }, [6, 7, 8], isLast: true, count: 6, index: 3);
        await ExpectAsync(new() { From = 8, To = 3 }, [], isLast: true, count: 0, index: null);
    }

    [Fact] // MAM-039, MAM-065
    public async Task Contacts_and_resources_narrow_what_matches()
    {
        await AddAsync(Alice, Make(1, Bob), Make(2, Bob) with { Resource = "x" }, Make(3, Carol) with { Resource = "x" }, Make(4, Bob) with { Resource = "X" });
        await ExpectAsync(new() { With = Bob }, [1, 2, 4], isLast: true, count: 3, index: 0);
        await ExpectAsync(new() { With = Bob, Resource = "x" }, [2], isLast: true, count: 1, index: 0);
        await ExpectAsync(new() { Resource = "x", Limit = 1 }, [2], isLast: false, count: 2, index: 0);
        await ExpectAsync(new() { Resource = "x", Limit = 1, FromEnd = true }, [3], isLast: false, count: 2, index: 1);
        await ExpectAsync(new() { With = BareJid.Parse("far.example") }, [], isLast: true, count: 0, index: null);
    }

    [Fact] // MAM-042
    public async Task Groupchat_may_be_left_out()
    {
        if (!Store.Abilities.HasFlag(ArchiveAbilities.GroupchatFilter))
        {
            return;
        }

        await AddAsync(Alice, Make(1, Bob), Make(2, Bob) with { IsGroupchat = true }, Make(3, Bob));
        await ExpectAsync(new() { WithoutGroupchat = true }, [1, 3], isLast: true, count: 2, index: 0);
    }

    [Fact] // MAM-041
    public async Task Every_word_must_occur()
    {
        if (!Store.Abilities.HasFlag(ArchiveAbilities.TextSearch))
        {
            return;
        }

        await AddAsync(
            Alice,
            Make(1, Bob) with { SearchText = ArchiveText.Normalise("The quick, BROWN fox") },
            Make(2, Bob) with { SearchText = ArchiveText.Normalise("a brown dog; 100 times") },
            Make(3, Carol) with { SearchText = ArchiveText.Normalise("Straße über Ωmega 日本語") },
            Make(4, Carol));
        await AddAsync(s_otherAlice, Make(5, Bob) with { SearchText = "brown" });
        await FindAsync("brown", 1, 2);
        await FindAsync("FOX quick", 1);
        await FindAsync("row", 1, 2);
        await FindAsync("brown cat");
        await FindAsync("%");
        await FindAsync("100", 2);
        await FindAsync("a", 2, 3);
        await FindAsync("ÜBER", 3);
        await FindAsync("ωMEGA 日本", 3);
        await FindAsync("q_k", 1); // punctuation is a space: two words
        await ExpectAsync(new() { Words = ["brown"], Limit = 1 }, [1], isLast: false, count: 2, index: 0);
        await ExpectAsync(new() { Words = ["brown"], With = Carol }, [], isLast: true, count: 0, index: null);

        async Task FindAsync(string text, params long[] ids)
        {
            var words = ArchiveText.Words(text);
            Assert.Equal(words.Count == 0 ? [1, 2, 3, 4] : ids, Ids(await QueryAsync(Alice, new() { Words = words })));
        }
    }

    [Fact] // MAM-038
    public async Task Messages_are_found_by_id()
    {
        await AddManyAsync(5);
        Assert.Equal([4, 1], (await Store.GetAsync(Alice, [4, 99, 1], None)).Select(message => message.Id));
        Assert.Empty(await Store.GetAsync(Bob, [1], None));
        Assert.Empty(await Store.GetAsync(Alice, [], None));
    }

    [Fact] // MAM-071, MAM-072
    public async Task A_message_is_found_by_its_origin_id_and_replaced()
    {
        var message = Make(2, Bob) with { OriginId = "o", SearchText = "secret" };
        await AddAsync(Alice, Make(1, Bob), message, message with { Id = 3, IsOutgoing = true }, message with { Id = 4, Remote = Carol });
        Assert.Equal(2, (await Store.FindAsync(Alice, Bob, false, "o", None))?.Id);
        Assert.Equal(3, (await Store.FindAsync(Alice, Bob, true, "o", None))?.Id);
        Assert.Equal(4, (await Store.FindAsync(Alice, Carol, false, "o", None))?.Id);
        Assert.Null(await Store.FindAsync(Alice, Bob, false, "x", None));
        Assert.Null(await Store.FindAsync(Bob, Bob, false, "o", None));

        Assert.True(await Store.ReplaceAsync(Alice, 2, "<message/>"u8.ToArray(), None));
        Assert.False(await Store.ReplaceAsync(Alice, 99, "<message/>"u8.ToArray(), None));
        Assert.False(await Store.ReplaceAsync(Bob, 2, "<message/>"u8.ToArray(), None));
        var replaced = Assert.Single(await Store.GetAsync(Alice, [2], None));
        Assert.Equal("<message/>", Encoding.UTF8.GetString(replaced.Xml.Span));
        Assert.Equal(("o", Bob), (replaced.OriginId, replaced.Remote));
        if (Store.Abilities.HasFlag(ArchiveAbilities.TextSearch))
        {
            Assert.Equal([3, 4], Ids(await QueryAsync(Alice, new() { Words = ["secret"] })));
        }
    }

    [Fact] // MAM-047
    public async Task An_archive_has_a_first_and_a_last_message()
    {
        Assert.Null(await Store.BoundsAsync(Alice, None));
        await AddAsync(Alice, Make(3, Bob));
        Assert.Equal((3, 3), await Store.BoundsAsync(Alice, None));
        await AddAsync(Alice, Make(9, Bob), Make(1, Bob));
        await AddAsync(Bob, Make(99, Bob));
        Assert.Equal((1, 9), await Store.BoundsAsync(Alice, None));
    }

    [Fact] // MAM-067, MAM-087
    public async Task An_archive_is_removed()
    {
        await AddManyAsync(3);
        await AddAsync(s_otherAlice, Make(1, Bob));
        await Store.RemoveAsync(Alice, None);
        await Store.RemoveAsync(Carol, None);
        Assert.Empty((await QueryAsync(Alice, new())).Messages);
        Assert.Equal([1], Ids(await QueryAsync(s_otherAlice, new())));
        await AddAsync(Alice, Make(1, Bob));
        Assert.Equal([1], Ids(await QueryAsync(Alice, new())));
    }

    [Fact] // MAM-087, MAM-089
    public async Task Old_messages_of_a_domain_are_removed_in_parts()
    {
        await AddManyAsync(5);
        await AddAsync(Bob, Make(1, Alice), Make(9, Alice));
        await AddAsync(s_otherAlice, Make(1, Bob));
        var first = await Store.RemoveBelowAsync("one.example", 4, 3, None);
        var second = await Store.RemoveBelowAsync("one.example", 4, 3, None);
        Assert.Equal((3, 1, 0), (first, second, await Store.RemoveBelowAsync("one.example", 4, 3, None)));
        Assert.Equal([4, 5], Ids(await QueryAsync(Alice, new())));
        Assert.Equal([9], Ids(await QueryAsync(Bob, new())));
        Assert.Equal(3, await Store.RemoveBelowAsync("one.example", long.MaxValue, 100, None));
        Assert.Equal([1], Ids(await QueryAsync(s_otherAlice, new())));
    }

    [Fact]
    public async Task Writers_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                var id = (i * 8) + writer + 1;
                await Store.AppendAsync([new(Alice, Make(id, Bob)), new(Bob, Make(id, Alice) with { OriginId = $"{id}" })], None);
            }
        })));
        Assert.Equal(160, (await QueryAsync(Alice, new())).Count);
        Assert.Equal(Enumerable.Range(1, 160).Select(id => (long)id), Ids(await QueryAsync(Bob, new() { Limit = 200 })));
    }

    protected static ArchivedMessage Make(long id, BareJid remote) =>
        new(id, remote, Encoding.UTF8.GetBytes($"<message><body>{id}</body></message>")) { Remote = remote };

    protected async Task AddAsync(BareJid owner, params ArchivedMessage[] messages) =>
        await Store.AppendAsync([.. messages.Select(message => new ArchiveEntry(owner, message))], None);

    protected async Task<ArchivePage> QueryAsync(BareJid owner, ArchiveQuery query) =>
        await Store.QueryAsync(owner, query, None) ?? throw new InvalidOperationException("no page");

    protected static IEnumerable<long> Ids(ArchivePage page) => page.Messages.Select(message => message.Id);

    // Odd ids are Bob's, even ones Carol's.
    private Task AddManyAsync(int count) =>
        AddAsync(Alice, [.. Enumerable.Range(1, count).Select(id => Make(id, id % 2 == 1 ? Bob : Carol))]);

    private async Task ExpectAsync(ArchiveQuery query, long[] ids, bool isLast, long? count, long? index)
    {
        var page = await QueryAsync(Alice, query);
        Assert.Equal(ids, Ids(page));
        Assert.Equal((isLast, count, index), (page.IsLast, page.Count, page.Index));
    }
}

/// <summary>What every <see cref="IAccountArchiveStore"/> does.</summary>
public abstract class AccountArchiveStoreSuite : ArchiveStoreSuite<IAccountArchiveStore>;

/// <summary>What every <see cref="IRoomArchiveStore"/> does.</summary>
public abstract class RoomArchiveStoreSuite : ArchiveStoreSuite<IRoomArchiveStore>
{
    [Fact] // MAM-088
    public async Task What_an_account_said_in_rooms_is_found_by_its_address()
    {
        var room = BareJid.Parse("room@muc.one.example");
        var other = BareJid.Parse("other@muc.one.example");
        await AddAsync(room, Make(1, Alice), Make(2, Bob), Make(3, Alice));
        await AddAsync(other, Make(1, Alice));
        var first = await Store.OfSenderAsync(Alice, null, 2, None);
        Assert.Equal(2, first.Count);
        var rest = await Store.OfSenderAsync(Alice, first[^1], 2, None);
        Assert.Equal([(other, 1), (room, 1), (room, 3)], first.Concat(rest).Select(entry => (entry.Owner, entry.Message.Id)).OrderBy(entry => entry.Owner.ToString(), StringComparer.Ordinal).ThenBy(entry => entry.Id));
        Assert.Empty(await Store.OfSenderAsync(Carol, null, 2, None));
    }
}
