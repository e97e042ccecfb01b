using Meerkat.Modules.Privacy;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Privacy;

/// <summary>What every <see cref="IPrivacyStore"/> does.</summary>
public abstract class PrivacyStoreSuite : StoreSuite<IPrivacyStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid OtherAlice = BareJid.Parse("alice@two.example");
    private static readonly PrivacyItem Everything = new(4294967295, PrivacyAction.Deny, PrivacyMatch.Anybody, "", PrivacyScope.All);

    [Fact]
    public async Task A_list_comes_back_as_it_was()
    {
        PrivacyItem[] items =
        [
            new(0, PrivacyAction.Block, PrivacyMatch.Jid, "bob@one.example/r<&'\" \u00e9", PrivacyScope.All),
            new(1, PrivacyAction.Allow, PrivacyMatch.Group, "Fri<ends", PrivacyScope.Message | PrivacyScope.Iq),
            new(2, PrivacyAction.Deny, PrivacyMatch.Subscription, "none", PrivacyScope.PresenceIn | PrivacyScope.PresenceOut),
            Everything,
        ];
        await Store.SetAsync(Alice, new PrivacyList("näme 'x'", items), false, None);

        var lists = await Store.GetAsync(Alice, None);
        Assert.Null(lists.Default);
        var list = Assert.Single(lists.Lists);
        Assert.Equal("näme 'x'", list.Name);
        Assert.Equal(items, list.Items);
    }

    [Fact]
    public async Task Nothing_is_kept_at_first()
    {
        var lists = await Store.GetAsync(Alice, None);
        Assert.Null(lists.Default);
        Assert.Empty(lists.Lists);
    }

    [Fact]
    public async Task Lists_are_in_the_order_of_their_names_which_differ_by_case()
    {
        foreach (var name in (string[])["b", "B", "a"])
        {
            await Store.SetAsync(Alice, new PrivacyList(name, [Everything]), false, None);
        }

        Assert.Equal(["B", "a", "b"], (await Store.GetAsync(Alice, None)).Lists.Select(list => list.Name));
    }

    [Fact]
    public async Task A_list_is_replaced_whole_and_can_become_the_default_with_it()
    {
        await Store.SetAsync(Alice, new PrivacyList("a", [Everything with { Order = 1 }, Everything]), false, None);
        await Store.SetAsync(Alice, new PrivacyList("a", [Everything with { Order = 7 }]), true, None);
        await Store.SetAsync(Alice, new PrivacyList("b", [Everything]), false, None);

        var lists = await Store.GetAsync(Alice, None);
        Assert.Equal("a", lists.Default);
        Assert.Equal(7u, Assert.Single(lists.Find("a")!.Items).Order);
        Assert.Equal(2, lists.Lists.Count);
    }

    [Fact]
    public async Task The_default_is_chosen_changed_and_forgotten()
    {
        await Store.SetAsync(Alice, new PrivacyList("a", [Everything]), false, None);
        await Store.SetAsync(Alice, new PrivacyList("b", [Everything]), false, None);
        foreach (var name in (string?[])["a", "b", null, null, "a"])
        {
            await Store.SetDefaultAsync(Alice, name, None);
            Assert.Equal(name, (await Store.GetAsync(Alice, None)).Default);
        }
    }

    [Fact]
    public async Task A_removed_list_is_gone_and_is_no_default()
    {
        await Store.SetAsync(Alice, new PrivacyList("a", [Everything]), true, None);
        await Store.SetAsync(Alice, new PrivacyList("b", [Everything]), false, None);
        await Store.RemoveAsync(Alice, "b", None);
        await Store.RemoveAsync(Alice, "c", None);
        Assert.Equal("a", (await Store.GetAsync(Alice, None)).Default);

        await Store.SetAsync(Alice, new PrivacyList("b", [Everything]), false, None);
        await Store.RemoveAsync(Alice, "a", None);
        var lists = await Store.GetAsync(Alice, None);
        Assert.Null(lists.Default);
        Assert.Equal("b", Assert.Single(lists.Lists).Name);
    }

    [Fact]
    public async Task Lists_go_with_their_account_or_domain()
    {
        foreach (var account in new[] { Alice, Bob, OtherAlice })
        {
            await Store.SetAsync(account, new PrivacyList("a", [Everything]), true, None);
        }

        await Store.RemoveAccountAsync(Alice, None);
        Assert.Empty((await Store.GetAsync(Alice, None)).Lists);
        Assert.Equal("a", (await Store.GetAsync(Bob, None)).Default);
        await Store.RemoveDomainAsync("one.example", None);
        Assert.Empty((await Store.GetAsync(Bob, None)).Lists);
        await Store.SetAsync(Bob, new PrivacyList("b", [Everything]), false, None);
        Assert.Null((await Store.GetAsync(Bob, None)).Default);
        Assert.Equal("a", (await Store.GetAsync(OtherAlice, None)).Default);
    }

    [Fact]
    public async Task Personal_data_holds_the_lists()
    {
        Assert.Empty(await Store.ExportAsync(Alice, None).ToListAsync(None));
        await Store.SetAsync(Alice, new PrivacyList("a", [Everything]), true, None);
        var section = Assert.Single(await Store.ExportAsync(Alice, None).ToListAsync(None));
        Assert.Equal("privacy", section.Name);
        Assert.Equal(["a", "true"], Assert.Single(section.Rows).Take(2));
    }
}
