using Meerkat.Modules.Muc;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Muc;

/// <summary>What every <see cref="IRoomStore"/> does (MUC-015, MUC-068, MUC-100, MUC-104, MUC-105).</summary>
public abstract class RoomStoreSuite : StoreSuite<IRoomStore>
{
    private const string Service = "rooms.one.example";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Cave = BareJid.Parse("cave@rooms.one.example");
    private static readonly BareJid Heath = BareJid.Parse("heath@rooms.one.example");
    private static readonly BareJid Elsewhere = BareJid.Parse("cave@rooms.two.example");
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid Far = BareJid.Parse("alice@two.example");

    [Fact] // MUC-100
    public async Task A_room_comes_back_as_it_was_saved()
    {
        Assert.Null(await Store.FindAsync(Cave, None));
        var room = Room(Cave, new(Alice, Affiliation.Owner, ""), new(Jid.Parse("bad.example"), Affiliation.Outcast, "spam <&>"), new(Jid.Parse("bad.example/bot"), Affiliation.Outcast, "")) with { Title = "Käve", IsPublic = false };
        Assert.True(await Store.SaveAsync(room, 5, None));
        var found = await Store.FindAsync(Cave, None);
        Assert.Equal(Cave, found!.Jid);
        Assert.Equal(("Käve", false), (found.Title, found.IsPublic));
        Assert.True(XmlElement.ValueEquals(room.Settings, found.Settings));
        Assert.Equal(room.Affiliations.ToHashSet(), found.Affiliations.ToHashSet());
        Assert.Null(found.History);
        Assert.Null(await Store.FindAsync(Elsewhere, None));
    }

    [Fact] // MUC-064
    public async Task A_save_changes_the_affiliations_that_it_names_and_no_others()
    {
        await Store.SaveAsync(Room(Cave, new(Alice, Affiliation.Owner, ""), new(Bob, Affiliation.Member, "")), 1, None);
        await Store.SaveAsync(Room(Cave, new(Bob, Affiliation.None, ""), new(Far, Affiliation.Admin, "why")), 1, None);
        var found = await Store.FindAsync(Cave, None);
        Assert.Equal([new(Alice, Affiliation.Owner, ""), new(Far, Affiliation.Admin, "why")], found!.Affiliations.ToHashSet());
    }

    [Fact] // architecture §6
    public async Task A_writer_that_is_not_the_newest_changes_nothing()
    {
        Assert.True(await Store.SaveAsync(Room(Cave) with { Title = "new" }, 7, None));
        Assert.False(await Store.SaveAsync(Room(Cave, new StoredAffiliation(Bob, Affiliation.Owner, "")) with { Title = "old" }, 6, None));
        await Store.SaveHistoryAsync(Cave, History("old"), 6, None);
        var found = await Store.FindAsync(Cave, None);
        Assert.Equal("new", found!.Title);
        Assert.Empty(found.Affiliations);
        Assert.Null(found.History);
        Assert.True(await Store.SaveAsync(Room(Cave) with { Title = "newer" }, 8, None));
    }

    [Fact] // architecture §6: of two writers of a room, each of which thinks that it is the one
    public async Task Who_was_there_before_the_last_claim_changes_nothing()
    {
        Assert.True(await Store.ClaimAsync(Cave, 3, None)); // not kept: nothing happens
        Assert.True(await Store.SaveAsync(Room(Cave) with { Title = "first" }, 2, None));
        Assert.True(await Store.ClaimAsync(Cave, 5, None));
        Assert.True(await Store.ClaimAsync(Cave, 5, None));
        Assert.False(await Store.ClaimAsync(Cave, 4, None));
        Assert.False(await Store.SaveAsync(Room(Cave) with { Title = "old" }, 2, None));
        await Store.SaveHistoryAsync(Cave, History("old"), 4, None);
        var found = await Store.FindAsync(Cave, None);
        Assert.Equal("first", found!.Title);
        Assert.Null(found.History);
        Assert.True(await Store.SaveAsync(Room(Cave) with { Title = "new" }, 5, None));
    }

    [Fact] // MUC-030
    public async Task History_is_kept_beside_the_room_and_only_with_it()
    {
        await Store.SaveHistoryAsync(Cave, History("lost"), 1, None);
        Assert.Null(await Store.FindAsync(Cave, None));
        await Store.SaveAsync(Room(Cave), 1, None);
        await Store.SaveHistoryAsync(Cave, History("kept"), 1, None);
        await Store.SaveAsync(Room(Cave) with { Title = "changed" }, 1, None);
        var found = await Store.FindAsync(Cave, None);
        Assert.True(XmlElement.ValueEquals(History("kept"), found!.History!.Value));
        await Store.SaveHistoryAsync(Cave, null, 1, None);
        Assert.Null((await Store.FindAsync(Cave, None))!.History);
    }

    [Fact] // MUC-071
    public async Task A_removed_room_is_gone_with_its_affiliations_and_may_be_made_again()
    {
        await Store.SaveAsync(Room(Cave, new StoredAffiliation(Alice, Affiliation.Owner, "")), 9, None);
        Assert.True(await Store.RemoveAsync(Cave, 9, None));
        Assert.True(await Store.RemoveAsync(Heath, 9, None));
        Assert.Null(await Store.FindAsync(Cave, None));
        Assert.Empty(await Store.RoomsOfAsync(Alice, None));
        Assert.True(await Store.SaveAsync(Room(Cave), 9, None));
        Assert.Empty((await Store.FindAsync(Cave, None))!.Affiliations);
    }

    [Fact] // architecture §6: of two writers of a room, each of which thinks that it is the one
    public async Task An_older_writer_removes_nothing_that_a_newer_one_wrote()
    {
        await Store.SaveAsync(Room(Cave, new StoredAffiliation(Alice, Affiliation.Owner, "")) with { Title = "new" }, 7, None);
        await Store.SaveHistoryAsync(Cave, History("kept"), 7, None);
        Assert.False(await Store.RemoveAsync(Cave, 6, None));
        var found = await Store.FindAsync(Cave, None);
        Assert.Equal("new", found!.Title);
        Assert.Equal([Alice], found.Affiliations.Select(entry => entry.User));
        Assert.NotNull(found.History);

        Assert.True(await Store.ClaimAsync(Cave, 8, None)); // who has only claimed it has it too
        Assert.False(await Store.RemoveAsync(Cave, 7, None));
        Assert.True(await Store.RemoveAsync(Cave, 8, None));
        Assert.Null(await Store.FindAsync(Cave, None));
    }

    [Fact] // architecture §6
    public async Task An_older_writer_does_not_make_again_what_a_newer_one_removed()
    {
        await Store.SaveAsync(Room(Cave), 5, None);
        await Store.SaveAsync(Room(Heath), 5, None);
        Assert.True(await Store.RemoveAsync(Cave, 7, None));
        Assert.False(await Store.SaveAsync(Room(Cave, new StoredAffiliation(Bob, Affiliation.Owner, "")), 6, None));
        await Store.SaveHistoryAsync(Cave, History("old"), 6, None);
        Assert.False(await Store.ClaimAsync(Cave, 6, None));
        Assert.False(await Store.RemoveAsync(Cave, 6, None));
        Assert.Null(await Store.FindAsync(Cave, None));
        Assert.Empty(await Store.RoomsOfAsync(Bob, None));
        Assert.True(await Store.SaveAsync(Room(Heath), 6, None)); // of another room it says nothing

        // Whoever is newer makes it, and then it is he who counts; removed once more, the last removal counts.
        Assert.True(await Store.SaveAsync(Room(Cave) with { Title = "again" }, 8, None));
        Assert.False(await Store.SaveAsync(Room(Cave), 7, None));
        Assert.True(await Store.RemoveAsync(Cave, 9, None));
        Assert.False(await Store.SaveAsync(Room(Cave), 8, None));
        Assert.True(await Store.SaveAsync(Room(Cave), 9, None));
    }

    [Fact] // architecture §6: it would grow for ever
    public async Task A_removal_is_forgotten_when_nobody_so_old_can_write_any_more()
    {
        var (now, late) = (10 * IRoomStore.Remembered.Ticks, 12 * IRoomStore.Remembered.Ticks);
        await Store.SaveAsync(Room(Cave), now, None);
        await Store.SaveAsync(Room(Heath), now, None);
        Assert.True(await Store.RemoveAsync(Cave, now, None));
        Assert.True(await Store.RemoveAsync(Heath, late, None));
        Assert.True(await Store.SaveAsync(Room(Cave), now - 1, None));
        Assert.False(await Store.SaveAsync(Room(Heath), late - 1, None));
    }

    [Fact] // MUC-105
    public async Task With_a_service_its_removed_rooms_are_forgotten()
    {
        await Store.SaveAsync(Room(Cave), 5, None);
        Assert.True(await Store.RemoveAsync(Cave, 7, None));
        await Store.RemoveServiceAsync(Service, None);
        Assert.True(await Store.SaveAsync(Room(Cave), 6, None));
    }

    [Fact] // MUC-012
    public async Task The_rooms_of_a_service_are_listed_by_address()
    {
        await Store.SaveAsync(Room(Heath) with { Title = "Heath" }, 1, None);
        await Store.SaveAsync(Room(Cave) with { IsPublic = false }, 1, None);
        await Store.SaveAsync(Room(Elsewhere), 1, None);
        Assert.Equal([new RoomListing(Cave, "", false), new RoomListing(Heath, "Heath", true)], await Store.ListAsync(Service, None));
    }

    [Fact] // MUC-015
    public async Task A_nick_belongs_to_one_account_of_a_service_and_an_account_has_one()
    {
        Assert.True(await Store.RegisterNickAsync(Service, Alice, "witch", None));
        Assert.False(await Store.RegisterNickAsync(Service, Bob, "witch", None));
        Assert.True(await Store.RegisterNickAsync("rooms.two.example", Bob, "witch", None));
        Assert.True(await Store.RegisterNickAsync(Service, Alice, "witch", None));
        Assert.True(await Store.RegisterNickAsync(Service, Alice, "crone", None));
        Assert.Null(await Store.NickOwnerAsync(Service, "witch", None));
        Assert.Equal(Alice, await Store.NickOwnerAsync(Service, "crone", None));
        Assert.Equal("crone", await Store.NickOfAsync(Service, Alice, None));
        Assert.True(await Store.RegisterNickAsync(Service, Alice, null, None));
        Assert.True(await Store.RegisterNickAsync(Service, Alice, null, None));
        Assert.Null(await Store.NickOfAsync(Service, Alice, None));
        Assert.Null(await Store.NickOwnerAsync(Service, "crone", None));
    }

    [Fact] // MUC-068
    public async Task A_removed_account_leaves_no_affiliation_and_no_nick()
    {
        await FillAsync();
        await Store.RemoveAccountAsync(Alice, None);
        Assert.Empty(await Store.RoomsOfAsync(Alice, None));
        Assert.Null(await Store.NickOfAsync(Service, Alice, None));
        Assert.Equal([Far], (await Store.FindAsync(Cave, None))!.Affiliations.Select(entry => entry.User));
        Assert.Equal("bob", await Store.NickOfAsync(Service, Bob, None));
    }

    [Fact] // MUC-105
    public async Task A_removed_domain_leaves_nothing_of_its_accounts()
    {
        await FillAsync();
        await Store.SaveAsync(Room(Cave, new StoredAffiliation(Jid.Parse("one.example"), Affiliation.Outcast, "")), 1, None);
        await Store.RemoveDomainAsync("one.example", None);
        Assert.Equal([Far, Jid.Parse("one.example")], (await Store.FindAsync(Cave, None))!.Affiliations.Select(entry => entry.User).OrderBy(user => user.Local is null));
        Assert.Null(await Store.NickOfAsync(Service, Bob, None));
    }

    [Fact] // MUC-105
    public async Task A_removed_service_leaves_no_room_and_no_nick()
    {
        await FillAsync();
        await Store.SaveAsync(Room(Elsewhere), 1, None);
        await Store.RemoveServiceAsync(Service, None);
        Assert.Empty(await Store.ListAsync(Service, None));
        Assert.Null(await Store.NickOfAsync(Service, Bob, None));
        Assert.NotNull(await Store.FindAsync(Elsewhere, None));
    }

    [Fact]
    public async Task An_account_is_told_what_is_kept_of_it()
    {
        await FillAsync();
        var sections = new List<string>();
        await foreach (var section in Store.ExportAsync(Alice, None))
        {
            sections.Add($"{section.Name}: {string.Join('|', section.Rows.Select(row => string.Join(',', row)))}");
        }

        Assert.Equal(["muc_affiliations: cave@rooms.one.example,owner,because", "muc_nicks: rooms.one.example,alice"], sections);
    }

    private async Task FillAsync()
    {
        await Store.SaveAsync(Room(Cave, new(Alice, Affiliation.Owner, "because"), new(Far, Affiliation.Member, "")), 1, None);
        await Store.RegisterNickAsync(Service, Alice, "alice", None);
        await Store.RegisterNickAsync(Service, Bob, "bob", None);
    }

    private static StoredRoom Room(BareJid jid, params StoredAffiliation[] affiliations) =>
        new(jid, XmlElement.Parse("<room xmlns='test'><subject xmlns='jabber:client'>ä &amp; b</subject></room>"), affiliations);

    private static XmlElement History(string text) => XmlElement.Parse($"<history xmlns='test'><item>{text}</item></history>");
}
