using Meerkat.Core.Access;
using Meerkat.Core.Hooks;
using Meerkat.Core.Shaping;
using Meerkat.Modules.Mam;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>Requests to archives come at the rate that rules give (MAM-045, CORE-256).</summary>
public sealed class MamShaperTests
{
    private const string Action = "mam_lookup_messages";
    private static readonly Jid s_alice = Jid.Parse("alice@example.test/one");
    private static readonly Jid s_aliceElsewhere = Jid.Parse("alice@example.test/two");
    private static readonly Jid s_bob = Jid.Parse("bob@example.test/one");

    [Fact] // MAM-045: <action>_shaper
    public async Task A_requester_has_a_rate_of_his_own()
    {
        await using var server = await StartAsync(($"{Action}_shaper", "slow"));
        var shapers = new ArchiveShapers(server.Host, NullLogger.Instance);

        Assert.Equal([0, 1000, 2000, 3000], Take(shapers, s_alice, s_aliceElsewhere, s_alice, s_alice));
        Assert.False(shapers.TryTake(Action, s_alice, "example.test", out _)); // four seconds
        Assert.Equal([0], Take(shapers, s_bob));
        Assert.True(shapers.TryTake("mam_get_prefs", s_alice, "example.test", out var wait) && wait == TimeSpan.Zero); // no rule

        server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([3000], Take(shapers, s_alice)); // what was refused was not counted
        server.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal([0], Take(shapers, s_alice));
    }

    [Fact] // MAM-045: <action>_global_shaper
    public async Task All_requesters_of_all_hosts_share_a_rate()
    {
        await using var server = await StartAsync(($"{Action}_global_shaper", "slow"));
        var (one, other) = (new ArchiveShapers(server.Host, NullLogger.Instance), new ArchiveShapers(server.Host, NullLogger.Instance));

        Assert.Equal([0, 1000], Take(one, s_alice, s_bob));
        Assert.Equal([2000, 3000], Take(other, s_bob, s_alice));
        Assert.False(one.TryTake(Action, s_bob, "example.test", out _));
        Assert.Equal(0, one.Count);
    }

    [Theory] // CORE-256: deny, none and no rule are no shaper; one that is not there is told
    [InlineData("deny")]
    [InlineData("none")]
    [InlineData("missing")]
    public async Task Without_a_shaper_nobody_waits(string value)
    {
        await using var server = await StartAsync(($"{Action}_shaper", value), ($"{Action}_global_shaper", value));
        var shapers = new ArchiveShapers(server.Host, server.Log.CreateLogger("mam"));

        Assert.All(Take(shapers, [.. Enumerable.Repeat(s_alice, 20)]), wait => Assert.Equal(0, wait));

        Assert.Equal(value == "missing" ? 2 : 0, server.Log.Entries.Count(entry => entry.Text.Contains("shaper missing", StringComparison.Ordinal)));
    }

    [Fact] // who has not asked for long is forgotten
    public async Task Requesters_do_not_gather()
    {
        await using var server = await StartAsync(($"{Action}_shaper", "slow"));
        var shapers = new ArchiveShapers(server.Host, NullLogger.Instance);
        for (var i = 0; i < 5000; i++)
        {
            Take(shapers, Jid.Parse($"user{i}@example.test/r"));
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(shapers.Count, 1, 1001);
    }

    [Fact] // MAM-045: resource-constraint, of type wait
    public async Task Who_asks_too_fast_waits_and_then_is_refused()
    {
        await using var server = await StartAsync(($"{Action}_shaper", "slow"));
        await using var first = await server.ConnectAsync("alice");
        await first.ChatAsync(1);
        Assert.Equal(["1"], (await first.QueryAsync()).Bodies);

        // Four sessions ask: three of them may wait for one, two and three seconds.
        var sessions = new List<TestClient>();
        for (var i = 0; i < 4; i++)
        {
            sessions.Add(await server.ConnectAsync("alice"));
        }

        var asked = sessions.ConvertAll(session => session.QueryAsync());
        var refused = await await Task.WhenAny(asked);
        refused.ExpectError("resource-constraint", "wait");
        Assert.Equal("The action is cancelled because of flooding.", refused.Iq.Child("error")!.Value.Child("text", Ns.StanzaErrors)!.Value.Text);

        var all = Task.WhenAll(asked);
        while (!all.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromSeconds(1)); // however far the others have come
            await Task.Yield();
        }

        Assert.Equal(3, (await all).Count(answer => answer.Results.Count == 1));
        foreach (var session in sessions)
        {
            await session.DisposeAsync();
        }
    }

    [Fact] // MAM-045 in a room: the room does not wait
    public async Task A_room_goes_on_while_a_request_waits()
    {
        await using var server = await StartAsync(("muc_mam_get_metadata_shaper", "slow"));
        await using var bob = await server.ConnectAsync("bob");
        Assert.NotNull(await AskAsync(server, bob, "one"));

        Assert.Null(await AskAsync(server, bob, "two"));
        server.Time.Advance(TimeSpan.FromMilliseconds(999));
        await bob.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromMilliseconds(1));

        await bob.ExpectAsync("<iq type='result' id='two' from='room@conference.example.test'><metadata xmlns='urn:xmpp:mam:2'/></iq>");
        for (var waiting = 0; waiting < 3; waiting++)
        {
            Assert.Null(await AskAsync(server, bob, $"w{waiting}"));
        }

        Assert.Contains("resource-constraint", (await AskAsync(server, bob, "too many"))!.ToString(), StringComparison.Ordinal);
    }

    private static async Task<Iq?> AskAsync(TestServer server, TestClient client, string id)
    {
        var iq = Iq.Create(IqType.Get, Jid.Parse(client.Jid), BareJid.Parse("room@conference.example.test"), id, XmlElement.Parse("<metadata xmlns='urn:xmpp:mam:2'/>"));
        var context = new RoomIqContext(server.Host, new Room(), iq) { MayRead = true };
        Assert.Equal(HookResult.Stop, await server.Host.Hooks.RunAsync(RoomHooks.Iq, context, CancellationToken.None));
        return context.Answer;
    }

    private static int[] Take(ArchiveShapers shapers, params Jid[] requesters) => [.. requesters.Select(requester =>
    {
        Assert.True(shapers.TryTake(Action, requester, "example.test", out var wait));
        return (int)wait.TotalMilliseconds;
    })];

    private static Task<TestServer> StartAsync(params (string Rule, string Shaper)[] rules) => MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions(), Muc = new MamMucOptions() }, with =>
    {
        with.Shapers["slow"] = new ShaperOptions { MaxRate = 1 };
        foreach (var (rule, shaper) in rules)
        {
            with.Access[rule] = [new AccessClause { Acl = "all", Value = AccessValue.Of(shaper) }];
        }
    });

    private sealed class Room : IRoom
    {
        public BareJid Jid { get; } = BareJid.Parse("room@conference.example.test");

        public RoomKind Kind => RoomKind.Muc;

        public ValueTask<IReadOnlyCollection<BareJid>> MembersAsync(CancellationToken ct) => new([]);
    }
}
