using Meerkat.Core.Sessions;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Sessions;

/// <summary>What every table of sessions does (OPS-033 to OPS-035).</summary>
public abstract class SessionTableSuite : StoreSuite<ISessionTable>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Sessions_are_found_by_account_by_full_jid_and_by_node()
    {
        var (phone, web, other, elsewhere) = (Of("alice@one.example/phone", "a"), Of("alice@one.example/web", "b"), Of("bob@one.example/phone", "c"), Of("alice@one.example/tv", "d", "two"));
        await Store.WriteAsync([phone, web, other], [], None);
        await Store.WriteAsync([elsewhere], [], None);
        Assert.Equal([phone, elsewhere, web], Sorted(await Store.FindAsync(BareJid.Parse("alice@one.example"), None)));
        Assert.Equal([web], await Store.FindAsync(FullJid.Parse("alice@one.example/web"), None));
        Assert.Equal([elsewhere], await Store.FindAsync(FullJid.Parse("alice@one.example/tv"), None));
        Assert.Equal([phone, web, other], Sorted(await OfNodeAsync("one")));
        Assert.Equal([elsewhere], await OfNodeAsync("two"));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        Assert.Empty(await Store.FindAsync(BareJid.Parse("alice@one.example"), None));
        Assert.Empty(await Store.FindAsync(FullJid.Parse("alice@one.example/web"), None));
        Assert.Empty(await OfNodeAsync("one"));
        await Store.WriteAsync([], [], None);
        await Store.WriteAsync([], [Of("alice@one.example/web", "a")], None);
        Assert.Empty(await OfNodeAsync("one"));
    }

    [Fact]
    public async Task Added_twice_is_there_once_and_removed_once()
    {
        var session = Of("alice@one.example/web", "a");
        await Store.WriteAsync([session], [], None);
        await Store.WriteAsync([session], [], None);
        Assert.Equal([session], await Store.FindAsync(session.Jid.Bare, None));
        await Store.WriteAsync([], [session], None);
        Assert.Empty(await Store.FindAsync(session.Jid.Bare, None));
        Assert.Empty(await Store.FindAsync(session.Jid, None));
        Assert.Empty(await OfNodeAsync("one"));
    }

    [Fact] // while one session takes the place of another, both are there
    public async Task Sessions_of_one_full_jid_are_kept_apart()
    {
        var (old, young) = (Of("alice@one.example/web", "a"), Of("alice@one.example/web", "b"));
        await Store.WriteAsync([old], [], None);
        await Store.WriteAsync([young], [], None);
        Assert.Equal([old, young], Sorted(await Store.FindAsync(old.Jid, None)));
        await Store.WriteAsync([], [old], None);
        Assert.Equal([young], await Store.FindAsync(old.Jid, None));
        Assert.Equal([young], await Store.FindAsync(old.Jid.Bare, None));
    }

    [Fact]
    public async Task Changes_come_together()
    {
        var (old, young) = (Of("alice@one.example/web", "a"), Of("alice@one.example/web", "b"));
        await Store.WriteAsync([old], [], None);
        await Store.WriteAsync([young], [old], None);
        Assert.Equal([young], await OfNodeAsync("one"));
    }

    [Theory] // resources and localparts may have nearly any character (RFC 7622 §3.3, §3.4), domains may be addresses
    [InlineData("alice@one.example/:a:/ @b:")]
    [InlineData("ähre%*[]@bücher.example/\U0001F600 ¯")]
    [InlineData("alice@[::1]/x")]
    [InlineData("alice@one.example/s5:bob:one.example:00:a@b")]
    public async Task An_address_comes_back_as_it_was(string jid)
    {
        var session = Of(jid, "00ff-1");
        await Store.WriteAsync([session], [], None);
        Assert.Equal([session], await Store.FindAsync(session.Jid, None));
        Assert.Equal([session], await Store.FindAsync(session.Jid.Bare, None));
        Assert.Equal([session], await OfNodeAsync("one"));
    }

    [Fact]
    public async Task Ten_thousand_sessions_of_a_node_come_once_each()
    {
        var all = Enumerable.Range(0, 10_000).Select(i => Of($"u{i}@one.example/r", $"{i}")).ToArray();
        foreach (var part in all.Chunk(1000))
        {
            await Store.WriteAsync(part, [], None);
        }

        var found = await OfNodeAsync("one");
        Assert.Equal(all.Length, found.Count);
        Assert.Equal(all.ToHashSet(), found.ToHashSet());
    }

    private static SessionEntry Of(string jid, string id, string node = "one") => new(FullJid.Parse(jid), node, id);

    private static IEnumerable<SessionEntry> Sorted(IEnumerable<SessionEntry> entries) => entries.OrderBy(entry => $"{entry.Jid}{entry.Id}", StringComparer.Ordinal);

    private async Task<List<SessionEntry>> OfNodeAsync(string node)
    {
        var entries = new List<SessionEntry>();
        await foreach (var entry in Store.OfNodeAsync(node, None))
        {
            entries.Add(entry);
        }

        return entries;
    }
}
