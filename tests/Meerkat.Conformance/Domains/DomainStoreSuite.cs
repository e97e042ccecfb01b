using Meerkat.Core.Domains;
using Xunit;

namespace Meerkat.Conformance.Domains;

/// <summary>What every <see cref="IDomainStore"/> does (CORE-237, CORE-238, CORE-242).</summary>
public abstract class DomainStoreSuite : StoreSuite<IDomainStore>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // CORE-238
    public async Task A_domain_is_added_once()
    {
        Assert.Null(await Store.FindAsync("one.example", None));
        Assert.True(await Store.AddAsync("one.example", "free", None));
        var found = (await Store.FindAsync("one.example", None))!;
        Assert.Equal(("one.example", "free", DomainStatus.Enabled), (found.Domain, found.HostType, found.Status));
        Assert.False(await Store.AddAsync("one.example", "free", None));
        Assert.False(await Store.AddAsync("one.example", "paying", None));
        Assert.Equal(found, await Store.FindAsync("one.example", None));
    }

    [Fact] // CORE-238
    public async Task A_status_is_changed_as_often_as_one_likes_until_the_domain_is_being_deleted()
    {
        await Store.AddAsync("one.example", "free", None);
        Assert.Equal(DomainStatus.Disabled, (await Store.SetStatusAsync("one.example", null, DomainStatus.Disabled, None))!.Status);
        Assert.Equal(DomainStatus.Disabled, (await Store.SetStatusAsync("one.example", null, DomainStatus.Disabled, None))!.Status);
        Assert.Equal(DomainStatus.Enabled, (await Store.SetStatusAsync("one.example", "free", DomainStatus.Enabled, None))!.Status);
        Assert.Equal(DomainStatus.Enabled, (await Store.SetStatusAsync("one.example", "paying", DomainStatus.Deleting, None))!.Status);
        Assert.Equal(DomainStatus.Deleting, (await Store.SetStatusAsync("one.example", "free", DomainStatus.Deleting, None))!.Status);
        Assert.Equal(DomainStatus.Deleting, (await Store.SetStatusAsync("one.example", "free", DomainStatus.Enabled, None))!.Status);
        Assert.Equal(DomainStatus.Deleting, (await Store.FindAsync("one.example", None))!.Status);
        Assert.False(await Store.AddAsync("one.example", "free", None));
        Assert.Null(await Store.SetStatusAsync("none.example", null, DomainStatus.Disabled, None));
        Assert.Equal(4, (await Store.ReadEventsAsync(-1, 0, None)).Last); // what changed nothing is not told
    }

    [Fact] // CORE-241
    public async Task Only_what_is_being_deleted_is_taken_away_and_only_that_row()
    {
        await Store.AddAsync("one.example", "free", None);
        var enabled = (await Store.FindAsync("one.example", None))!;
        Assert.False(await Store.RemoveAsync(enabled, None));
        var deleting = (await Store.SetStatusAsync("one.example", "free", DomainStatus.Deleting, None))!;
        Assert.True(await Store.RemoveAsync(deleting, None));
        Assert.False(await Store.RemoveAsync(deleting, None));

        await Store.AddAsync("one.example", "free", None);
        var anew = (await Store.SetStatusAsync("one.example", "free", DomainStatus.Deleting, None))!;
        Assert.NotEqual(deleting.Id, anew.Id);
        Assert.False(await Store.RemoveAsync(deleting, None));
        Assert.Equal(anew, await Store.FindAsync("one.example", None));
    }

    [Fact]
    public async Task Domains_are_listed_by_the_bytes_of_their_names_page_by_page()
    {
        foreach (var name in (string[])["b.example", "a.example", "zürich.example", "a-b.example", "日本.example", "z.example"])
        {
            await Store.AddAsync(name, "free", None);
        }

        var all = new List<string>();
        while (await Store.ListAsync(all.LastOrDefault(), 2, None) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, 2);
            all.AddRange(page.Select(record => record.Domain));
        }

        Assert.Equal(["a-b.example", "a.example", "b.example", "z.example", "zürich.example", "日本.example"], all);
    }

    [Fact] // CORE-242
    public async Task Changes_are_told_in_order_and_without_gaps()
    {
        Assert.Equal(0, (await Store.ReadEventsAsync(0, 10, None)).Last);
        await Store.AddAsync("one.example", "free", None);
        await Store.AddAsync("two.example", "free", None);
        await Store.SetStatusAsync("one.example", null, DomainStatus.Disabled, None);

        var news = await Store.ReadEventsAsync(0, 10, None);
        Assert.Equal((3, true), (news.Last, news.IsComplete));
        Assert.Equal([(1, "one.example"), (2, "two.example"), (3, "one.example")], news.Events.Select(told => ((int)told.Id, told.Domain)));
        Assert.All(news.Events, told => Assert.Equal(told.Domain == "one.example" ? DomainStatus.Disabled : DomainStatus.Enabled, told.Record!.Status));

        Assert.Equal([2L], (await Store.ReadEventsAsync(1, 1, None)).Events.Select(told => told.Id));
        Assert.Empty((await Store.ReadEventsAsync(3, 10, None)).Events);

        var deleting = await Store.SetStatusAsync("two.example", null, DomainStatus.Deleting, None);
        await Store.RemoveAsync(deleting!, None);
        Assert.All((await Store.ReadEventsAsync(3, 10, None)).Events, told => Assert.Null(told.Record));
    }

    [Fact] // CORE-242
    public async Task Whoever_missed_events_that_are_gone_is_told_so()
    {
        await Store.AddAsync("one.example", "free", None);
        await Store.AddAsync("two.example", "free", None);
        Assert.Equal(0, await Store.RemoveEventsAsync(DateTimeOffset.UtcNow.AddDays(-1), None));
        Assert.Equal(2, await Store.RemoveEventsAsync(DateTimeOffset.UtcNow.AddDays(1), None));

        var missed = await Store.ReadEventsAsync(1, 10, None);
        Assert.Equal((2, false), (missed.Last, missed.IsComplete));
        var knows = await Store.ReadEventsAsync(2, 10, None);
        Assert.Equal((2, true), (knows.Last, knows.IsComplete));
        Assert.False((await Store.ReadEventsAsync(5, 10, None)).IsComplete); // another database than the one that was read

        await Store.AddAsync("three.example", "free", None);
        Assert.Equal([3L], (await Store.ReadEventsAsync(2, 10, None)).Events.Select(told => told.Id));
    }

    [Fact] // CORE-242: what is read as one number after the other misses nothing, however the writers come
    public async Task A_reader_beside_many_writers_misses_nothing()
    {
        const int Writers = 8;
        const int Each = 12;
        var seen = new List<DomainEvent>();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                await Store.AddAsync($"d{writer}-{i}.example", "free", None);
            }
        })));
        var last = 0L;
        while (!writing.IsCompleted || last < Writers * Each)
        {
            var news = await Store.ReadEventsAsync(last, 5, None);
            Assert.True(news.IsComplete);
            seen.AddRange(news.Events);
            last = seen.Count == 0 ? 0 : seen[^1].Id;
            Assert.All(news.Events, told => Assert.NotNull(told.Record)); // the change is there with its event
            if (writing.IsFaulted)
            {
                await writing;
            }
        }

        Assert.Equal(Enumerable.Range(1, Writers * Each).Select(number => (long)number), seen.Select(told => told.Id));
        Assert.Equal(Writers * Each, seen.Select(told => told.Domain).Distinct().Count());
    }

    [Fact] // two at the same time: one has added it
    public async Task Of_two_who_add_a_domain_one_does()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () => await Store.AddAsync("one.example", $"type{i}", None))));
        Assert.Single(added, true);
        Assert.Equal(1, (await Store.ReadEventsAsync(-1, 0, None)).Last);
    }
}
