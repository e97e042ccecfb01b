using Meerkat.Modules.OfflineChatMarkers;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.OfflineChatMarkers;

/// <summary>What every <see cref="IOfflineMarkerStore"/> does (OCM-001, OCM-002).</summary>
public abstract class OfflineMarkerStoreSuite : StoreSuite<IOfflineMarkerStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid Room = BareJid.Parse("room@rooms.example");

    [Fact]
    public async Task The_oldest_moment_of_each_conversation_stays()
    {
        Assert.True(await Store.AddAsync(Alice, new(null, "", 5), 3, None));
        Assert.True(await Store.AddAsync(Alice, new(null, "", 3), 3, None));
        Assert.True(await Store.AddAsync(Alice, new(null, "", 4), 3, None));
        Assert.True(await Store.AddAsync(Alice, new(null, "T", 6), 3, None));
        Assert.True(await Store.AddAsync(Alice, new(Room, "", 7), 3, None));
        Assert.True(await Store.AddAsync(Bob, new(Room, "", 1), 3, None));
        Assert.Equal([new(null, "", 3), new(null, "T", 6), new(Room, "", 7)], (await Store.ListAsync(Alice, None)).OrderBy(missed => missed.Since));
        await Store.RemoveAccountAsync(Alice, None);
        Assert.Empty(await Store.ListAsync(Alice, None));
        Assert.Single(await Store.ListAsync(Bob, None));
        await Store.RemoveDomainAsync("one.example", None);
        Assert.Empty(await Store.ListAsync(Bob, None));
    }

    [Fact]
    public async Task No_more_conversations_than_the_limit_are_remembered()
    {
        Assert.True(await Store.AddAsync(Alice, new(null, "", 5), 2, None));
        Assert.True(await Store.AddAsync(Alice, new(null, "T", 5), 2, None));
        Assert.False(await Store.AddAsync(Alice, new(null, "U", 5), 2, None));
        Assert.True(await Store.AddAsync(Alice, new(null, "T", 4), 2, None));
        Assert.True(await Store.AddAsync(Bob, new(null, "U", 5), 2, None));
        Assert.Equal([new(null, "T", 4), new(null, "", 5)], (await Store.ListAsync(Alice, None)).OrderBy(missed => missed.Since));
    }
}
