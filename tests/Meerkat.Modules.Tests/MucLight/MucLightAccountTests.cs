using Meerkat.Core.Accounts;
using Meerkat.Core.Hooks;
using Meerkat.Modules.MucLight;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Roster;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Modules.Tests.MucLight.MucLightFixture;

namespace Meerkat.Modules.Tests.MucLight;

/// <summary>Light rooms and what surrounds them: accounts and domains that go, rosters, questions of other modules.</summary>
public sealed class MucLightAccountTests
{
    [Theory] // MUL-051, OPS-152
    [InlineData(true)]
    [InlineData(false)] // a room is not left without an owner by that
    public async Task An_account_that_goes_leaves_its_rooms(bool promote)
    {
        var watch = new RoomWatch();
        await using var server = await StartAsync(new MucLightOptions { PromoteOnLastOwnerLeave = promote }, with => with.Module<RoomWatchModule>(watch));
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await alice.CreateAsync(Coven, User("bob"), "", bob);
        await alice.CreateAsync("own@" + Service);
        AssertResult(await alice.AskAsync($"<iq type='set' to='{Service}'><query xmlns='{Ns.MucLightBlocking}'><user action='deny'>bob@example.test</user></query></iq>"));

        Assert.Equal(AccountResult.Ok, await server.Host.Auth.Accounts.RemoveAsync(BareJid.Parse("alice@example.test"), CancellationToken.None));

        Assert.Equal("alice:none bob:owner", (await bob.ReceiveAsync()).Users());
        Assert.Equal("bob:owner", await bob.OccupantsAsync(Coven));
        Assert.Equal("own@" + Service, Assert.Single(watch.Gone).Room.ToString()); // nobody was left in it
        await using var again = await server.ComeAsync("alice");
        Assert.Empty((await again.AskAsync($"<iq type='get' to='{Service}'><query xmlns='{Ns.MucLightBlocking}'/></iq>")).FirstChild!.Value.Children);
        AssertError(await again.AskAsync($"<iq type='get' to='{Coven}'><query xmlns='{Ns.MucLightInfo}'/></iq>"), NotFound);
    }

    [Fact] // MUL-051
    public async Task A_domain_that_goes_takes_its_rooms_with_it()
    {
        await using var server = await StartAsync(new MucLightOptions { CacheAffs = new RoomCacheOptions() });
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);

        foreach (var data in server.Host.Data)
        {
            await data.RemoveDomainAsync("example.test", CancellationToken.None);
        }

        AssertError(await alice.AskAsync($"<iq type='get' to='{Coven}'><query xmlns='{Ns.MucLightInfo}'/></iq>"), NotFound);
        await alice.CreateAsync(Coven);
    }

    [Fact] // MUL-052, ROS-011
    public async Task Rooms_are_in_rosters_where_that_is_wanted()
    {
        await using var server = await TestServer.StartAsync(with => with
            .Module<MucLightModule>(new MucLightOptions { RoomsInRosters = true })
            .Module<RosterModule>(new RosterOptions { Versioning = true }).Module<PresenceModule>());
        await using var alice = await server.ComeAsync("alice");
        await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test'/></query></iq>");
        var version = await alice.CreateAsync(Coven, fields: "<roomname>Dark</roomname>");

        await alice.SendAsync("<iq type='get' id='r'><query xmlns='jabber:iq:roster' ver=''/></iq>");
        var roster = await alice.ExpectAsync(
            $"""
            <iq type='result' id='r'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' subscription='none'/>
            <item jid='{Coven}' name='Dark' subscription='to'><group>urn:xmpp:muclight:0</group><version>{version}</version></item></query></iq>
            """);
        var ver = roster.FirstChild!.Value.Attribute("ver")!;
        var same = await alice.AskAsync($"<iq type='get'><query xmlns='jabber:iq:roster' ver='{ver}'/></iq>");
        Assert.Null(same.FirstChild); // RFC 6121 §2.6.3
        AssertResult(await alice.ConfigureAsync(Coven, "<roomname>Darker</roomname>")); // no push comes of it: the notice is the next but the result
        var other = await alice.AskAsync($"<iq type='get'><query xmlns='jabber:iq:roster' ver='{ver}'/></iq>");
        Assert.NotEqual(ver, other.FirstChild!.Value.Attribute("ver"));
    }

    [Fact]
    public async Task Rooms_are_not_in_rosters_by_default()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<MucLightModule>().Module<RosterModule>().Module<PresenceModule>());
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);

        Assert.Empty((await alice.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>")).FirstChild!.Value.Children);
    }

    [Theory] // what markers and archives ask: may this account see the room?
    [InlineData(Coven, "alice", true, HookResult.Stop)]
    [InlineData(Coven, "bob", false, HookResult.Stop)]
    [InlineData("nowhere@" + Service, "alice", false, HookResult.Stop)]
    [InlineData("room@elsewhere.test", "alice", false, HookResult.Continue)]
    public async Task Other_modules_learn_who_may_read(string room, string account, bool may, HookResult expected)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);
        var question = new RoomQuestion(server.Host, BareJid.Parse(room), BareJid.Parse(account + "@example.test"));

        Assert.Equal(expected, await server.Host.Hooks.RunAsync(RoomHooks.Question, question, CancellationToken.None));
        Assert.Equal(may, question.MayRead);
    }

    [Fact] // 200 leave at once, and the last one turns out the light
    public async Task Many_who_leave_at_once_leave_nothing_behind()
    {
        var watch = new RoomWatch();
        await using var server = await StartAsync(null, with => with.Module<RoomWatchModule>(watch));
        await using var alice = await server.ComeAsync("alice");
        var names = Enumerable.Range(0, 200).Select(i => $"u{i}").ToArray();
        await alice.CreateAsync(Coven, string.Concat(names.Select(name => User(name))));
        var room = BareJid.Parse(Coven);
        var operations = new MucLightOperations(server.Context);
        foreach (var name in names)
        {
            await server.Accounts.AddAsync($"{name}@example.test", "secret");
        }

        var results = await Task.WhenAll(names.Append("alice").Select(name => Task.Run(async () =>
        {
            var user = BareJid.Parse($"{name}@example.test");
            return await operations.KickAsync(room, user, user, CancellationToken.None);
        })));

        Assert.All(results, result => Assert.Equal(MucLightOutcome.Done, result.Outcome));
        Assert.Single(watch.Gone);
        Assert.Equal(MucLightOutcome.RoomNotFound, (await operations.FindAsync(room, null, CancellationToken.None)).Result.Outcome);
    }
}
