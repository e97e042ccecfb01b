using Meerkat.Modules.MucLight;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.MucLight;

/// <summary>What every <see cref="IMucLightStore"/> does.</summary>
public abstract class MucLightStoreSuite : StoreSuite<IMucLightStore>
{
    private const string Service = "muclight.one.example";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid OtherAlice = BareJid.Parse("alice@two.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");

    [Fact] // MUL-020, MUL-030
    public async Task A_room_comes_back_whole()
    {
        var room = Room("coven", "v1", (Alice, MucLightAffiliation.Owner), (OtherAlice, MucLightAffiliation.Member), (Bob, MucLightAffiliation.Member)) with
        {
            Configuration = MucLightRoom.NoConfiguration.Add("roomname", "A 'Dark' <Cave> \U0001F600").Add("subject", "").Add("empty key ", "\n"),
        };

        Assert.Null(await Store.FindAsync(room.Jid, None));
        Assert.True(await Store.TryCreateAsync(room, None));
        AssertSame(room, await Store.FindAsync(room.Jid, None));
        Assert.Null(await Store.FindAsync(BareJid.Parse("coven@muclight.two.example"), None));
    }

    [Fact] // MUL-030
    public async Task A_room_is_created_once()
    {
        var room = Room("coven", "v1", (Alice, MucLightAffiliation.Owner));

        var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () => await Store.TryCreateAsync(room with { Version = $"v{i}" }, None))));

        Assert.Single(created, success => success);
        Assert.Single((await Store.FindAsync(room.Jid, None))!.Occupants);
    }

    [Fact] // MUL-021, MUL-022
    public async Task A_changed_room_comes_back_changed()
    {
        var before = Room("coven", "v1", (Alice, MucLightAffiliation.Owner), (Bob, MucLightAffiliation.Member));
        await Store.TryCreateAsync(before, None);
        var after = Room("coven", "v2", (OtherAlice, MucLightAffiliation.Member), (Bob, MucLightAffiliation.Owner)) with { Configuration = before.Configuration.SetItem("roomname", "New") };

        Assert.True(await Store.TryUpdateAsync(before, after, None));

        AssertSame(after, await Store.FindAsync(before.Jid, None));
        Assert.Empty(await Store.ListAsync(Alice, null, None));
        Assert.Equal(MucLightAffiliation.Owner, Assert.Single(await Store.ListAsync(Bob, null, None)).Affiliation);
    }

    [Fact]
    public async Task A_write_made_from_an_old_room_fails_and_changes_nothing()
    {
        var old = Room("coven", "v1", (Alice, MucLightAffiliation.Owner), (Bob, MucLightAffiliation.Member));
        await Store.TryCreateAsync(old, None);
        var current = old with { Version = "v2", Occupants = OccupantList.Of([new(Alice, MucLightAffiliation.Owner)]) };
        await Store.TryUpdateAsync(old, current, None);

        Assert.False(await Store.TryUpdateAsync(old, old with { Version = "v3", Configuration = MucLightRoom.NoConfiguration.Add("roomname", "late"), Occupants = OccupantList.Empty }, None));
        Assert.False(await Store.TryRemoveAsync(old, None));
        AssertSame(current, await Store.FindAsync(old.Jid, None));
    }

    [Fact]
    public async Task Of_many_who_change_the_same_room_one_succeeds()
    {
        var before = Room("coven", "v", (Alice, MucLightAffiliation.Owner));
        await Store.TryCreateAsync(before, None);

        var written = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
            await Store.TryUpdateAsync(before, before with { Version = $"v{i}", Occupants = before.Occupants.With([new(BareJid.Parse($"u{i}@one.example"), MucLightAffiliation.Member)]) }, None))));

        Assert.Single(written, success => success);
        Assert.Equal(2, (await Store.FindAsync(before.Jid, None))!.Occupants.Count);
    }

    [Fact] // MUL-028, MUL-032
    public async Task A_removed_room_is_gone_and_its_name_is_free()
    {
        var room = Room("coven", "v1", (Alice, MucLightAffiliation.Owner));
        await Store.TryCreateAsync(room, None);

        Assert.True(await Store.TryRemoveAsync(room, None));
        Assert.False(await Store.TryRemoveAsync(room, None));
        Assert.False(await Store.TryUpdateAsync(room, room with { Version = "v2" }, None));
        Assert.Null(await Store.FindAsync(room.Jid, None));
        Assert.Empty(await Store.ListAsync(Alice, null, None));
        Assert.True(await Store.TryCreateAsync(Room("coven", "v3", (Bob, MucLightAffiliation.Owner)), None));
        Assert.Equal(Bob, Assert.Single((await Store.FindAsync(room.Jid, None))!.Occupants).Jid);
    }

    [Fact] // MUL-003, MUL-052
    public async Task Somebodys_rooms_are_listed_by_address()
    {
        foreach (var name in new[] { "b", "a", "\u00e9", "\U0001F600" })
        {
            await Store.TryCreateAsync(Room(name, name, (Alice, MucLightAffiliation.Owner)), None);
        }

        await Store.TryCreateAsync(Room("c", "x", (OtherAlice, MucLightAffiliation.Owner)), None);
        await Store.TryCreateAsync(new MucLightRoom(BareJid.Parse("z@elsewhere.example"), "z", MucLightRoom.NoConfiguration, OccupantList.Of([new(Alice, MucLightAffiliation.Member)])), None);

        var own = await Store.ListAsync(Alice, Service, None);
        Assert.Equal(["a", "b", "\u00e9", "\U0001F600"], own.Select(room => room.Room.Local));
        Assert.Equal(["a", "b", "\u00e9", "\U0001F600"], own.Select(room => room.Version));
        Assert.All(own, room => Assert.Equal("The name", room.Name));
        var all = await Store.ListAsync(Alice, null, None);
        Assert.Equal(5, all.Count);
        Assert.Equal("z", all[2].Name); // no name: the localpart, and in its place by bytes
    }

    [Fact] // MUL-025
    public async Task Rooms_are_counted_for_many_at_once()
    {
        await Store.TryCreateAsync(Room("a", "1", (Alice, MucLightAffiliation.Owner), (Bob, MucLightAffiliation.Member)), None);
        await Store.TryCreateAsync(Room("b", "1", (Alice, MucLightAffiliation.Member)), None);
        await Store.TryCreateAsync(new MucLightRoom(BareJid.Parse("z@elsewhere.example"), "z", MucLightRoom.NoConfiguration, OccupantList.Of([new(Alice, MucLightAffiliation.Member)])), None);

        var counts = await Store.CountAsync([Alice, Bob, OtherAlice], Service, None);

        Assert.Equal(2, counts.Count);
        Assert.Equal((2, 1), (counts[Alice], counts[Bob]));
        Assert.Empty(await Store.CountAsync([], Service, None));
        Assert.Single(await Store.CountAsync([Bob, OtherAlice], Service, None));
    }

    [Fact] // GQA-MUCLIGHT-13
    public async Task Rooms_of_a_service_come_in_pages()
    {
        foreach (var (local, name) in new[] { ("a", "Zoo"), ("b", "100% _zoo_"), ("c", "Caf\u00c9"), ("zoo", "x") })
        {
            await Store.TryCreateAsync(Room(local, "1", (Alice, MucLightAffiliation.Owner), (Bob, MucLightAffiliation.Member)) with { Configuration = MucLightRoom.NoConfiguration.Add("roomname", name) }, None);
        }

        var first = await Store.SearchAsync(Service, "", null, 3, None);
        Assert.Equal(["a", "b", "c"], first.Rooms.Select(room => room.Room.Local));
        Assert.Equal((4, true), (first.Count, first.HasMore));
        Assert.All(first.Rooms, room => Assert.Equal(2, room.Occupants));
        var second = await Store.SearchAsync(Service, "", first.Rooms[^1].Room, 3, None);
        Assert.Equal(["zoo"], second.Rooms.Select(room => room.Room.Local));
        Assert.Equal((4, false), (second.Count, second.HasMore));
        Assert.Equal(["b", "zoo"], (await Store.SearchAsync(Service, "ZOO", BareJid.Parse("aa@other"), 9, None)).Rooms.Select(room => room.Room.Local));
        Assert.Equal(3, (await Store.SearchAsync(Service, "ZOO", null, 1, None)).Count);
        Assert.Equal(["b"], (await Store.SearchAsync(Service, "% _", null, 9, None)).Rooms.Select(room => room.Room.Local));
        Assert.Equal(["c"], (await Store.SearchAsync(Service, "f\u00e9", null, 9, None)).Rooms.Select(room => room.Room.Local));
        Assert.Empty((await Store.SearchAsync("two.example", "", null, 9, None)).Rooms);
    }

    [Fact] // MUL-040
    public async Task A_blocking_list_is_changed_item_by_item()
    {
        var room = new MucLightBlock(true, BareJid.Parse("coven@" + Service));
        var bob = new MucLightBlock(false, Bob);
        await Store.SetBlockingAsync(Alice, [(room, true), (bob, true), (bob, true)], None);
        await Store.SetBlockingAsync(OtherAlice, [(room, true)], None);

        Assert.Equal([bob, room], await Store.GetBlockingAsync(Alice, None));
        await Store.SetBlockingAsync(Alice, [(room, false), (new(true, Bob), false), (new(false, OtherAlice), true), (new(false, OtherAlice), false)], None);
        Assert.Equal([bob], await Store.GetBlockingAsync(Alice, None));
        Assert.Equal([room], await Store.GetBlockingAsync(OtherAlice, None));
        Assert.Empty(await Store.GetBlockingAsync(Bob, None));
    }

    [Fact] // MUL-040
    public async Task Those_who_block_are_found_for_many_at_once()
    {
        var room = new MucLightBlock(true, BareJid.Parse("coven@" + Service));
        await Store.SetBlockingAsync(Alice, [(room, true)], None);
        await Store.SetBlockingAsync(OtherAlice, [(new(false, Bob), true)], None);
        await Store.SetBlockingAsync(Bob, [(new(true, Bob), true)], None); // a room of that address, not the person

        Assert.Equal([Alice, OtherAlice], (await Store.FindBlockersAsync([Alice, OtherAlice, Bob], [room, new(false, Bob)], None)).OrderBy(jid => jid.ToString(), StringComparer.Ordinal));
        Assert.Equal([OtherAlice], await Store.FindBlockersAsync([OtherAlice, Bob], [room, new(false, Bob)], None));
        Assert.Empty(await Store.FindBlockersAsync([Alice, Bob], [new(false, Bob)], None));
        Assert.Empty(await Store.FindBlockersAsync([], [room], None));
    }

    [Fact] // AUTH-017, AUTH-019, MUL-051
    public async Task Accounts_domains_and_services_are_removed_with_everything()
    {
        var room = Room("coven", "1", (Alice, MucLightAffiliation.Owner), (OtherAlice, MucLightAffiliation.Member), (Bob, MucLightAffiliation.Member));
        await Store.TryCreateAsync(room, None);
        await Store.SetBlockingAsync(Alice, [(new(false, Bob), true)], None);
        await Store.SetBlockingAsync(OtherAlice, [(new(false, Bob), true)], None);

        await Store.RemoveAccountAsync(Alice, None);
        Assert.Empty(await Store.GetBlockingAsync(Alice, None));
        Assert.Empty(await Store.ListAsync(Alice, null, None));
        await Store.RemoveDomainAsync("two.example", None);
        Assert.Empty(await Store.GetBlockingAsync(OtherAlice, None));
        Assert.Equal([Bob], (await Store.FindAsync(room.Jid, None))!.Occupants.Select(occupant => occupant.Jid));
        await Store.RemoveServiceAsync("muclight.two.example", None);
        Assert.NotNull(await Store.FindAsync(room.Jid, None));
        await Store.RemoveServiceAsync(Service, None);
        Assert.Null(await Store.FindAsync(room.Jid, None));
        Assert.Empty(await Store.ListAsync(Bob, null, None));
        Assert.True(await Store.TryCreateAsync(room, None));
    }

    [Fact] // OPS-146
    public async Task Personal_data_are_two_tables()
    {
        await Store.TryCreateAsync(Room("coven", "1", (Alice, MucLightAffiliation.Owner)), None);
        await Store.SetBlockingAsync(Alice, [(new(false, Bob), true)], None);

        var sections = new Dictionary<string, Core.Storage.PersonalDataSection>();
        await foreach (var section in Store.ExportAsync(Alice, None))
        {
            sections.Add(section.Name, section);
        }

        Assert.Equal(["coven@" + Service, "owner"], Assert.Single(sections["muc_light_rooms"].Rows));
        Assert.Equal(["user", "bob@one.example"], Assert.Single(sections["muc_light_blocking"].Rows));
        await foreach (var section in Store.ExportAsync(Bob, None))
        {
            Assert.Fail(section.Name);
        }
    }

    private static MucLightRoom Room(string local, string version, params IEnumerable<(BareJid Jid, MucLightAffiliation Affiliation)> occupants) => new(
        BareJid.TryCreate(local, Service, out var jid) ? jid : throw new ArgumentException(local, nameof(local)),
        version,
        MucLightRoom.NoConfiguration.Add("roomname", "The name").Add("subject", ""),
        OccupantList.Of(occupants.Select(occupant => new MucLightOccupant(occupant.Jid, occupant.Affiliation))));

    private static void AssertSame(MucLightRoom expected, MucLightRoom? found)
    {
        Assert.NotNull(found);
        Assert.Equal((expected.Jid, expected.Version), (found.Jid, found.Version));
        Assert.Equal(expected.Configuration, found.Configuration);
        Assert.Equal(expected.Occupants, found.Occupants);
    }
}
