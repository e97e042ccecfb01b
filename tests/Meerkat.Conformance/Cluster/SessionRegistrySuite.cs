using Meerkat.Core.Cluster;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Cluster;

/// <summary>What every authority for accounts' sessions does.</summary>
public abstract class SessionRegistrySuite : StoreSuite<ISessionRegistry>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_alice = BareJid.Parse("alice@one.example");

    protected static readonly ClusterNode One = new("one", 1);
    protected static readonly ClusterNode Two = new("two", 1);
    protected static readonly ClusterNode Three = new("three", 7);

    [Fact]
    public async Task What_was_bound_is_found_by_every_node_oldest_first()
    {
        await Store.BindAsync(Of("web", One, 20), false, None);
        await Store.BindAsync(Of("phone", Two, 10), false, None);
        var found = await Store.FindAsync(s_alice, Three, None);
        Assert.Equal(["phone", "web"], found.Sessions.Select(session => session.Jid.Resource));
        Assert.Equal([Two, One], found.Sessions.Select(session => session.Node));
        Assert.Empty((await Store.FindAsync(BareJid.Parse("bob@one.example"), Three, None)).Sessions);
    }

    [Fact]
    public async Task A_bind_takes_the_place_of_the_session_with_its_full_jid()
    {
        var old = Of("web", One, 10);
        Assert.Null((await Store.BindAsync(old, false, None)).Replaced);
        var change = await Store.BindAsync(Of("web", Two, 11), false, None);
        Assert.True(change.Replaced?.IsSame(old));
        Assert.Equal(Two, Assert.Single(change.Now.Sessions).Node);

        // the order of binding decides, not the clocks of nodes
        Assert.Equal(Three, Assert.Single((await Store.BindAsync(Of("web", Three, 5), false, None)).Now.Sessions).Node);
    }

    [Fact]
    public async Task What_is_told_again_does_not_take_the_place_of_a_younger_session()
    {
        await Store.BindAsync(Of("web", Two, 11), false, None);
        var change = await Store.BindAsync(Of("web", One, 10), true, None);
        Assert.Null(change.Replaced);
        Assert.Equal(Two, Assert.Single(change.Now.Sessions).Node);
        Assert.Equal(Three, Assert.Single((await Store.BindAsync(Of("web", Three, 12), true, None)).Now.Sessions).Node);
    }

    [Fact]
    public async Task Binding_twice_changes_nothing()
    {
        var first = await Store.BindAsync(Of("web", One, 10), false, None);
        var second = await Store.BindAsync(Of("web", One, 10), false, None);
        Assert.Null(second.Replaced);
        Assert.Equal(first.Now.Version, second.Now.Version);
        Assert.Single(second.Now.Sessions);
    }

    [Fact]
    public async Task Versions_rise_with_every_change_though_the_account_was_empty()
    {
        var versions = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            var session = Of("web", One, i);
            versions.Add((await Store.BindAsync(session, false, None)).Now.Version);
            versions.Add((await Store.UpdateAsync(session with { Revision = 100, Priority = i }, None))!.Now.Version);
            versions.Add((await Store.UnbindAsync(session, None))!.Now.Version);
            await Store.ReleaseAsync([s_alice], One, None);
        }

        Assert.Equal(versions.Order().Distinct(), versions);
    }

    [Fact]
    public async Task The_state_travels_and_an_older_one_never_takes_the_place_of_a_newer_one()
    {
        var presence = XmlElement.Parse("<presence xmlns='jabber:client' from='alice@one.example/web'><status>&lt;away&gt; ü</status></presence>", "");
        var state = XmlElement.Parse("<s xmlns='m'>x</s>", "");
        var session = Of("web", One, 10);
        await Store.BindAsync(session, false, None);
        var now = session with { Revision = 3, Priority = -5, IsDetached = true, ResumptionId = "r'1", Presence = presence, States = new Dictionary<string, XmlElement> { ["m"] = state } };
        await Store.UpdateAsync(now, None);
        await Store.UpdateAsync(session with { Revision = 2, Priority = 9 }, None);
        var found = Assert.Single((await Store.FindAsync(s_alice, Two, None)).Sessions);
        Assert.Equal((3, -5, true, "r'1"), (found.Revision, found.Priority, found.IsDetached, found.ResumptionId));
        Assert.True(XmlElement.ValueEquals(presence, found.Presence!.Value));
        Assert.True(XmlElement.ValueEquals(state, found.States["m"]));

        await Store.UpdateAsync(session with { Revision = 4, Priority = null }, None);
        found = Assert.Single((await Store.FindAsync(s_alice, Two, None)).Sessions);
        Assert.Null(found.Priority);
        Assert.Null(found.Presence);
        Assert.Null(found.ResumptionId);
    }

    [Fact]
    public async Task What_is_not_there_is_neither_changed_nor_removed()
    {
        var session = Of("web", One, 10);
        Assert.Null(await Store.UpdateAsync(session, None));
        Assert.Null(await Store.UnbindAsync(session, None));
        var bound = await Store.BindAsync(Of("web", Two, 11), false, None);
        Assert.Null(await Store.UpdateAsync(session with { Revision = 9 }, None));
        Assert.Equal(bound.Now.Version, (await Store.UnbindAsync(session, None))?.Now.Version);
        await Store.FindAsync(s_alice, Three, None);
        var gone = await Store.UnbindAsync(Of("web", Two, 11), None);
        Assert.Empty(gone!.Now.Sessions);

        // Who did not hear the answer asks again, and learns who has to be told.
        var again = await Store.UnbindAsync(Of("web", Two, 11), None);
        Assert.Equal(gone.Now.Version, again!.Now.Version);
        Assert.Equal([Three], again.Holders);
    }

    [Fact]
    public async Task Whoever_looked_holds_a_copy_until_it_says_otherwise_and_whoever_changes_is_told_of_the_others()
    {
        await Store.FindAsync(s_alice, Two, None);
        await Store.FindAsync(s_alice, Three, None);
        var session = Of("web", One, 10);
        Assert.Equal([Three, Two], (await Store.BindAsync(session, false, None)).Holders.Order());
        await Store.ReleaseAsync([s_alice, BareJid.Parse("nobody@one.example")], Two, None);
        Assert.Equal([Three], (await Store.UpdateAsync(session with { Revision = 1 }, None))!.Holders);
        Assert.Equal([One, Three], (await Store.BindAsync(Of("phone", Two, 11), false, None)).Holders.Order());
        Assert.Equal([Three, Two], (await Store.UnbindAsync(session, None))!.Holders.Order());
    }

    [Fact] // OPS-029: one of those that are left cleans up
    public async Task The_sessions_of_a_lost_node_are_each_told_to_one_caller()
    {
        for (var i = 0; i < 200; i++)
        {
            await Store.BindAsync(new SessionRecord(FullJid.Parse($"u{i}@one.example/r"), i % 2 == 0 ? One : Two, i), false, None);
        }

        Assert.Equal([One, Two], await Store.NodesAsync(None));
        await LoseAsync(One);
        var takers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var taken = new List<SessionRecord>();
            while (await Store.TakeLostAsync(One, 7, None) is { Count: > 0 } some)
            {
                Assert.InRange(some.Count, 1, 7);
                taken.AddRange(some);
            }

            return taken;
        })));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => 2L * i), takers.SelectMany(taken => taken).Select(session => session.Order).Order());
        Assert.Equal([Two], await Store.NodesAsync(None));
        Assert.Empty((await Store.FindAsync(BareJid.Parse("u0@one.example"), Two, None)).Sessions);
        Assert.Single((await Store.FindAsync(BareJid.Parse("u1@one.example"), Two, None)).Sessions);
    }

    [Fact]
    public async Task A_hundred_binds_at_once_leave_one_session()
    {
        var changes = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () => await Store.BindAsync(Of("web", i % 2 == 0 ? One : Two, i), false, None))));
        Assert.Equal(99, changes.Select(change => change.Replaced).OfType<SessionRecord>().Select(session => session.Order).Distinct().Count());
        Assert.Equal(100, changes.Select(change => change.Now.Version).Distinct().Count());
        Assert.Single((await Store.FindAsync(s_alice, Three, None)).Sessions);
    }

    /// <summary>A node dies: for an authority that is in the nodes.</summary>
    protected virtual ValueTask LoseAsync(ClusterNode node) => default;

    private static SessionRecord Of(string resource, ClusterNode node, long order) => new(FullJid.Parse($"alice@one.example/{resource}"), node, order);
}
