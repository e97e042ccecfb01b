using Meerkat.Modules.SmartMarkers;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.SmartMarkers;

/// <summary>What every <see cref="ISmartMarkerStore"/> does (SMK-001, SMK-003, SMK-005).</summary>
public abstract class SmartMarkerStoreSuite : StoreSuite<ISmartMarkerStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@two.example");
    private static readonly BareJid Room = BareJid.Parse("room@rooms.example");

    [Fact]
    public async Task The_last_marker_of_each_kind_and_thread_stays()
    {
        await Store.SetAsync([Make(Alice, Bob, "m1", 1), Make(Alice, Bob, "m1", 2, MarkerType.Received), Make(Alice, Bob, "t1", 3, thread: "T é"), Make(Bob, Alice, "b1", 4)], None);
        await Store.SetAsync([Make(Alice, Bob, "m2", 9), Make(Alice, Bob, "t2", 2, thread: "T é")], None); // the last sent wins, whatever its moment
        Assert.Equal([Make(Alice, Bob, "m1", 2, MarkerType.Received), Make(Alice, Bob, "m2", 9)], await Store.FindAsync(Alice, Bob, "", 0, None));
        Assert.Equal([Make(Alice, Bob, "t2", 2, thread: "T é")], await Store.FindAsync(Alice, Bob, "T é", 0, None));
        Assert.Equal(3, (await Store.FindAsync(Alice, Bob, null, 0, None)).Count);
        Assert.Equal([Make(Alice, Bob, "m2", 9)], await Store.FindAsync(Alice, Bob, "", 9, None));
        Assert.Empty(await Store.FindAsync(Alice, Bob, "", 10, None));
        Assert.Empty(await Store.FindAsync(Alice, Room, "", 0, None));
    }

    [Fact]
    public async Task Everybodys_markers_to_a_room_are_found_and_removed()
    {
        await Store.SetAsync([Make(Bob, Room, "m1", 2), Make(Alice, Room, "m1", 1), Make(Alice, Bob, "m1", 1)], None);
        Assert.Equal([Alice, Bob], (await Store.FindAllAsync(Room, "", 0, None)).Select(marker => marker.From));
        Assert.Equal([Bob], (await Store.FindAllAsync(Room, null, 2, None)).Select(marker => marker.From));
        await Store.RemoveAsync(Alice, Room, None);
        Assert.Equal([Bob], (await Store.FindAllAsync(Room, "", 0, None)).Select(marker => marker.From));
        await Store.RemoveAllAsync(Room, None);
        Assert.Empty(await Store.FindAllAsync(Room, "", 0, None));
        Assert.Single(await Store.FindAsync(Alice, Bob, "", 0, None));
    }

    [Fact]
    public async Task Accounts_and_domains_go_and_are_told_what_is_kept()
    {
        await Store.SetAsync([Make(Alice, Bob, "m1", 1_000_000), Make(Bob, Alice, "m1", 1)], None);
        var section = Assert.Single(await Store.ExportAsync(Alice, None).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["bob@two.example", "", "displayed", "m1", "1970-01-01T00:00:01Z"], Assert.Single(section.Rows));
        await Store.RemoveAccountAsync(Alice, None);
        Assert.Empty(await Store.FindAsync(Alice, Bob, "", 0, None));
        Assert.Single(await Store.FindAsync(Bob, Alice, "", 0, None));
        await Store.RemoveDomainAsync("two.example", None);
        Assert.Empty(await Store.FindAsync(Bob, Alice, "", 0, None));
    }

    private static SmartMarker Make(BareJid from, BareJid to, string id, long stamp, MarkerType type = MarkerType.Displayed, string thread = "") => new(from, to, thread, type, id, stamp);
}
