using Meerkat.Modules.Roster;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Roster;

/// <summary>What every <see cref="IRosterStore"/> does.</summary>
public abstract class RosterStoreSuite : StoreSuite<IRosterStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid OtherAlice = BareJid.Parse("alice@two.example");
    private static readonly Jid Bob = Jid.Parse("bob@one.example");
    private static readonly Jid Desk = Jid.Parse("bob@one.example/Desk");

    [Fact]
    public async Task An_account_without_items_has_an_empty_roster()
    {
        var roster = await Store.GetAsync(Alice, None);

        Assert.Empty(roster.Items);
        Assert.Null(roster.Version);
        Assert.Null(await Store.FindAsync(Alice, Bob, None));
    }

    [Fact] // CORE-191, CORE-195, CORE-197
    public async Task An_item_comes_back_whole()
    {
        var item = new RosterItem(Bob)
        {
            State = SubscriptionState.To | SubscriptionState.PendingIn,
            Name = "Bob ' \" & <\u00fc\U0001F600>",
            Groups = ["Zoo", "Work", "work"],
            Request = "it is\nme",
            Extensions = [XmlElement.Parse("<n xmlns='app:n' a='1'><m/>text</n>"), XmlElement.Parse("<o xmlns='app:o'/>")],
        };

        Assert.True(await Store.TryWriteAsync(Alice, item, null, None));

        foreach (var found in new[] { await Store.FindAsync(Alice, Bob, None), Assert.Single((await Store.GetAsync(Alice, None)).Items) })
        {
            Assert.NotNull(found);
            Assert.Equal(item.Contact, found.Contact);
            Assert.Equal((item.State, item.Name, item.Request), (found.State, found.Name, found.Request));
            Assert.Equal(item.Groups, found.Groups);
            Assert.True(item.Extensions.Zip(found.Extensions).All(pair => XmlElement.ValueEquals(pair.First, pair.Second)));
            Assert.Equal(item.Extensions.Count, found.Extensions.Count);
            Assert.True(found.Revision > 0);
        }
    }

    [Fact]
    public async Task Bare_and_full_contacts_and_accounts_of_two_domains_are_apart()
    {
        await Store.TryWriteAsync(Alice, new RosterItem(Bob) { Name = "bare" }, null, None);
        await Store.TryWriteAsync(Alice, new RosterItem(Desk) { Name = "full" }, null, None);
        await Store.TryWriteAsync(OtherAlice, new RosterItem(Bob) { Name = "other" }, null, None);

        Assert.Equal("bare", (await Store.FindAsync(Alice, Bob, None))!.Name);
        Assert.Equal("full", (await Store.FindAsync(Alice, Desk, None))!.Name);
        Assert.Equal("other", Assert.Single((await Store.GetAsync(OtherAlice, None)).Items).Name);
        Assert.Equal(2, (await Store.GetAsync(Alice, None)).Items.Count);
    }

    [Fact]
    public async Task A_write_made_from_an_old_item_fails_and_changes_nothing()
    {
        await Store.TryWriteAsync(Alice, new RosterItem(Bob) { Name = "first", Groups = ["a"] }, "v1", None);
        var old = (await Store.FindAsync(Alice, Bob, None))!;
        Assert.True(await Store.TryWriteAsync(Alice, old with { Name = "second", Groups = ["b"] }, "v2", None));

        Assert.False(await Store.TryWriteAsync(Alice, old with { Name = "late" }, "v3", None));
        Assert.False(await Store.TryWriteAsync(Alice, new RosterItem(Bob) { Name = "new" }, "v3", None));
        Assert.False(await Store.TryRemoveAsync(Alice, old, "v3", None));

        var roster = await Store.GetAsync(Alice, None);
        Assert.Equal("v2", roster.Version);
        Assert.Equal(("second", "b"), (roster.Items[0].Name, Assert.Single(roster.Items[0].Groups)));
    }

    [Fact]
    public async Task A_removed_item_is_gone_and_its_revision_does_not_come_back()
    {
        await Store.TryWriteAsync(Alice, new RosterItem(Bob), null, None);
        var old = (await Store.FindAsync(Alice, Bob, None))!;

        Assert.True(await Store.TryRemoveAsync(Alice, old, "gone", None));
        Assert.False(await Store.TryRemoveAsync(Alice, old, null, None));
        Assert.Null(await Store.FindAsync(Alice, Bob, None));
        Assert.Equal("gone", (await Store.GetAsync(Alice, None)).Version);
        Assert.False(await Store.TryWriteAsync(Alice, old, null, None));
        Assert.True(await Store.TryWriteAsync(Alice, new RosterItem(Bob), null, None));
        Assert.NotEqual(old.Revision, (await Store.FindAsync(Alice, Bob, None))!.Revision);
    }

    [Fact] // CORE-200
    public async Task A_version_stays_until_the_next_one()
    {
        await Store.TryWriteAsync(Alice, new RosterItem(Bob), "v1", None);
        await Store.TryWriteAsync(Alice, new RosterItem(Desk), null, None);

        Assert.Equal("v1", (await Store.GetAsync(Alice, None)).Version);
    }

    [Fact]
    public async Task Of_many_who_write_the_same_new_item_one_succeeds()
    {
        var written = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () => await Store.TryWriteAsync(Alice, new RosterItem(Bob) { Name = $"{i}" }, null, None))));

        Assert.Single(written, success => success);
    }

    [Fact] // AUTH-017, AUTH-019
    public async Task Accounts_and_domains_are_removed_with_everything()
    {
        await Store.TryWriteAsync(Alice, new RosterItem(Bob) { Groups = ["a"] }, "v", None);
        await Store.TryWriteAsync(OtherAlice, new RosterItem(Bob) { Groups = ["a"] }, "v", None);

        await Store.RemoveAccountAsync(Alice, None);
        var roster = await Store.GetAsync(Alice, None);
        Assert.Empty(roster.Items);
        Assert.Null(roster.Version);
        Assert.Single((await Store.GetAsync(OtherAlice, None)).Items);
        await Store.RemoveDomainAsync("two.example", None);
        Assert.Empty((await Store.GetAsync(OtherAlice, None)).Items);
    }

    [Fact] // ROS-012, OPS-146
    public async Task Personal_data_are_one_table()
    {
        await Store.TryWriteAsync(Alice, new RosterItem(Bob) { Name = "B", State = SubscriptionState.Both, Groups = ["x", "y"] }, null, None);
        await Store.TryWriteAsync(Alice, new RosterItem(Desk) { State = SubscriptionState.PendingIn, Request = "hi" }, null, None);

        var sections = new List<Core.Storage.PersonalDataSection>();
        await foreach (var section in Store.ExportAsync(Alice, None))
        {
            sections.Add(section);
        }

        Assert.All(sections, section => Assert.Equal("roster", section.Name));
        Assert.All(sections, section => Assert.Equal(["jid", "name", "subscription", "ask", "groups", "askmessage", "xs"], section.Columns));
        var rows = sections.SelectMany(section => section.Rows).OrderBy(row => row[0], StringComparer.Ordinal).ToArray();
        Assert.Equal(["bob@one.example", "B", "both", "none", "x\ny", "", ""], rows[0]);
        Assert.Equal(["bob@one.example/Desk", "", "none", "in", "", "hi", ""], rows[1]);
    }
}
