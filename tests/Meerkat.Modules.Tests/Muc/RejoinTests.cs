using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Modules.Tests.Muc.Model;
using Meerkat.Xml;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>A client that lost what it knew of a room joins it once more (XEP-0045 §17.3, XEP-0410 §3).</summary>
public sealed class RejoinTests
{
    [Fact] // XEP-0045 §7.2.2: its own presence is the last of the presences, and there is one
    public async Task Joining_again_gives_what_joining_gives_and_nobody_else_notices()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        var first = await alice.JoinAsync("al");
        await owner.PresenceOfAsync("al");

        var again = await alice.JoinAsync("al");

        Assert.Equal(Senders(first), Senders(again));
        Assert.Contains("110", again[1].Codes());
        await owner.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_is_new_in_the_second_join_the_others_learn()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await owner.PresenceOfAsync("al");

        await alice.SendAsync($"<presence to='{MucServer.Room}/al'><x xmlns='http://jabber.org/protocol/muc'/><show>away</show></presence>");

        Assert.Equal([$"{MucServer.Room}/owner", $"{MucServer.Room}/al", MucServer.Room], Senders(await alice.UpToSubjectAsync()));
        Assert.Equal("away", (await owner.PresenceOfAsync("al")).ChildText("show"));
        await owner.ExpectNothingAsync();
    }

    [Fact]
    public async Task Joining_again_by_another_nick_changes_it_and_gives_everything()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await owner.PresenceOfAsync("al");

        var again = await alice.JoinAsync("alice");

        Assert.Equal([$"{MucServer.Room}/al", $"{MucServer.Room}/owner", $"{MucServer.Room}/alice", MucServer.Room], Senders(again));
        Assert.Contains("303", again[0].Codes());
        Assert.Contains("303", (await owner.PresenceOfAsync("al", "unavailable")).Codes());
        await owner.PresenceOfAsync("alice");
        await owner.ExpectNothingAsync();
    }

    [Fact] // CORE-124, XEP-0045 §7.14: the older session of an address takes back its own presence, and not that of the newer
    public async Task What_a_replaced_session_says_when_it_ends_does_not_concern_who_has_its_address()
    {
        var (slow, closings) = (new SlowEnding(), new Closings());
        await using var server = await MucServer.StartAsync(configure: with => with.Module<SlowEndingModule>(slow).Module<ClosingsModule>(closings));
        await using var owner = await server.CreateAsync();
        await using var old = await server.ConnectAsync("alice", "pc");
        await old.JoinAsync("al");
        await owner.PresenceOfAsync("al");
        var ended = closings.Of(old.Jid);

        await using var alice = await server.ConnectAsync("alice", "pc");
        await alice.JoinAsync("al");
        slow.MayEnd.SetResult();
        await ended.WaitAsync(alice.Patience, TestContext.Current.CancellationToken);

        Assert.Equal("result", (await alice.AskAsync($"<iq type='get' to='{MucServer.Room}/al'><ping xmlns='urn:xmpp:ping'/></iq>")).Attribute("type"));
        await owner.ExpectNothingAsync();
    }

    private static string[] Senders(IEnumerable<XmlElement> stanzas) => [.. stanzas.Select(stanza => stanza.Attribute("from")!)];
}

/// <summary>When sessions may end.</summary>
public sealed class SlowEnding
{
    public TaskCompletionSource MayEnd { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What is slow when a session ends: a roster that a database has, say.</summary>
[Module("a_test_slow_ending", Options = typeof(SlowEnding))]
public sealed class SlowEndingModule(SlowEnding slow) : IModule
{
    public void Register(IModuleRegistry on) => on.Hook(SessionHooks.Closed, SessionSlot.Privacy, async (_, _) =>
    {
        await slow.MayEnd.Task;
        return HookResult.Continue;
    });
}
