using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Modules.Muc;
using Meerkat.Modules.StreamManagement;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>A message that a room keeps back is not acknowledged before it was sent and written (MUC-046, XEP-0198 §4).</summary>
public sealed class DelayedMessageTests
{
    private static readonly MucOptions s_slow = new() { MinMessageInterval = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task What_waits_counts_when_it_has_been_sent_and_written()
    {
        var archive = new HeldArchive();
        archive.Written.SetResult();
        await using var server = await MucServer.StartAsync(s_slow, with => with.Module<StreamManagementModule>().Module<HeldArchiveModule>(archive));
        await using var owner = await server.CreateAsync();
        await using var alice = await EnterAsync(server);
        var session = await server.SessionOfAsync(alice);
        archive.Written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        await SayAsync(alice, "2");
        await alice.PingRoomAsync();
        Assert.Equal(2u, session.Watermark.Handled); // the join and the first message

        server.Time.Advance(TimeSpan.FromSeconds(10));
        await owner.MessageAsync("2");
        await alice.PingRoomAsync();
        Assert.Equal(2u, session.Watermark.Handled); // sent, and not written

        archive.Written.SetResult();
        await session.Watermark.CaughtUpAsync();
        Assert.Equal(5u, session.Watermark.Handled);
    }

    [Fact] // a client that hears nothing takes the connection for dead
    public async Task Who_asks_meanwhile_is_told_how_far_it_is_and_then_the_rest()
    {
        await using var server = await MucServer.StartAsync(s_slow, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        await using var alice = await EnterAsync(server);
        await SayAsync(alice, "2");
        await alice.SendAsync("<r xmlns='urn:xmpp:sm:3'/>");
        await alice.PingRoomAsync();

        server.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("2", await HandledAsync(alice));
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await owner.MessageAsync("2");
        Assert.True(int.Parse((await HandledAsync(alice))!, System.Globalization.CultureInfo.InvariantCulture) >= 4);
    }

    [Fact]
    public async Task What_waits_for_a_room_that_is_gone_is_answered_and_counts()
    {
        await using var server = await MucServer.StartAsync(s_slow, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        await using var alice = await EnterAsync(server);
        await SayAsync(alice, "late");
        await alice.PingRoomAsync();
        await owner.AskAsync($"<iq type='set' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query></iq>");
        await alice.PresenceOfAsync("al", "unavailable");
        var session = await server.SessionOfAsync(alice);
        Assert.Equal(2u, session.Watermark.Handled);

        server.Time.Advance(TimeSpan.FromSeconds(10));

        (await alice.ReceiveAsync(element => element.Attribute("id") == "late")).IsError("item-not-found", "cancel");
        await session.Watermark.CaughtUpAsync();
        Assert.Equal(4u, session.Watermark.Handled);
    }

    [Fact] // XEP-0198 §5: who resumes does not wait for the room
    public async Task A_session_that_is_resumed_meanwhile_has_not_acknowledged_it()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MinMessageInterval = TimeSpan.FromDays(1) }, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        var (alice, id) = await EnterAndWaitAsync(server);
        await using var first = alice;

        await using var again = await ResumeAsync(server, id, "2");
    }

    [Fact] // XEP-0198 §5: the client sends again what the server has not counted; whether the room still keeps the first one back is nobody's concern
    public async Task What_a_client_sends_again_while_the_first_still_waits_is_said_once()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MinMessageInterval = TimeSpan.FromDays(1) }, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        var (alice, id) = await EnterAndWaitAsync(server);
        await using var first = alice;
        await using var again = await ResumeAsync(server, id, "2");

        await SayAsync(again, "2");
        await again.PingRoomAsync();
        server.Time.Advance(TimeSpan.FromDays(1));

        await owner.MessageAsync("2");
        Assert.Equal("groupchat", (await again.MessageAsync("2")).Attribute("type")); // no resource-constraint
        await again.PingRoomAsync();
        await owner.ExpectNothingAsync();
        var session = await server.SessionOfAsync(alice);
        await session.Watermark.CaughtUpAsync();
        Assert.Equal(5u, session.Watermark.Handled); // all of it, and the pings
    }

    [Fact] // XEP-0198 §5
    public async Task What_comes_due_before_the_client_sends_it_again_is_said_once()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MinMessageInterval = TimeSpan.FromDays(1) }, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        var (alice, id) = await EnterAndWaitAsync(server);
        await using var first = alice;
        await using var again = await ResumeAsync(server, id, "2");
        await owner.MessageAsync("1");

        server.Time.Advance(TimeSpan.FromDays(1));
        await again.PingRoomAsync();
        await owner.ExpectNothingAsync();
        await SayAsync(again, "2");
        await again.PingRoomAsync();
        server.Time.Advance(TimeSpan.FromDays(1));
        await owner.MessageAsync("2");
        await owner.ExpectNothingAsync();
    }

    [Fact] // XEP-0198 §5
    public async Task What_is_said_while_the_client_is_away_is_counted_when_it_comes_back()
    {
        await using var server = await MucServer.StartAsync(s_slow, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        var (alice, id) = await EnterAndWaitAsync(server);
        await alice.DropAsync();

        server.Time.Advance(TimeSpan.FromSeconds(10));
        await owner.MessageAsync("2");

        await using var again = await ResumeAsync(server, id, "4", waits: false);
    }

    [Theory] // RFC 6120 §10.1: what was sent before the end comes before it; without stream management nobody sends it again
    [InlineData("</stream:stream>")]
    [InlineData("<presence type='unavailable' to='room@conference.example.test/al'/>")]
    public async Task What_waits_when_its_sender_leaves_is_said_all_the_same(string end)
    {
        await using var server = await MucServer.StartAsync(s_slow, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await SayAsync(alice, "1");
        await SayAsync(alice, "2");
        await alice.SendAsync(end);
        await owner.PresenceOfAsync("al", "unavailable");

        server.Time.Advance(TimeSpan.FromSeconds(10));

        var said = await owner.MessageAsync("2");
        Assert.Equal($"{MucServer.Room}/al", said.Attribute("from"));
    }

    [Theory] // MUC-040, MUC-046: who was removed says nothing any more, and nobody speaks by the nick of another
    [InlineData("<item nick='al' role='none'/>", false)]
    [InlineData("<item jid='alice@example.test' affiliation='outcast'/>", false)]
    [InlineData("<item jid='bob@example.test' affiliation='member'/>", true)]
    public async Task What_waits_is_not_said_for_who_may_not_be_here(string admin, bool leaves)
    {
        await using var server = await MucServer.StartAsync(s_slow, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.JoinAsync("al");
        await SayAsync(alice, "1");
        await SayAsync(alice, "2");
        await alice.PingRoomAsync();
        if (leaves)
        {
            await alice.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/al'/>");
            await owner.PresenceOfAsync("al", "unavailable");
            await bob.JoinAsync("al");
        }

        await owner.AdminAsync(admin);
        server.Time.Advance(TimeSpan.FromSeconds(10));

        (await alice.ReceiveAsync(element => element.Attribute("id") == "2")).IsError("not-acceptable", "modify");
    }

    [Fact] // XEP-0198 §4: it was never acknowledged, so that the client sends it again when it comes back
    public async Task What_waits_for_a_session_with_stream_management_ends_with_it()
    {
        await using var server = await MucServer.StartAsync(s_slow, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        var (alice, _) = await EnterResumableAsync(server);
        await SayAsync(alice, "2");
        await alice.PingRoomAsync();
        await alice.SendAsync("</stream:stream>");
        await alice.ExpectEndAsync();
        await owner.PresenceOfAsync("al", "unavailable");

        await using var again = await server.ConnectAsync("alice");
        await again.JoinAsync("al");
        await owner.PresenceOfAsync("al");
        await SayAsync(again, "2");
        await again.PingRoomAsync();
        server.Time.Advance(TimeSpan.FromSeconds(10));
        await owner.MessageAsync("2");
        server.Time.Advance(TimeSpan.FromSeconds(20));
        await again.PingRoomAsync();
        await owner.ExpectNothingAsync();
    }

    // Its second message waits.
    private static async Task<(TestClient Client, string Id)> EnterAndWaitAsync(TestServer server)
    {
        var (alice, id) = await EnterResumableAsync(server);
        await SayAsync(alice, "2");
        await alice.PingRoomAsync();
        return (alice, id);
    }

    private static async Task<(TestClient Client, string Id)> EnterResumableAsync(TestServer server)
    {
        var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        var id = (await alice.ReceiveAsync(element => element.Name == "enabled")).Attribute("id")!;
        await alice.JoinAsync("al");
        await SayAsync(alice, "1");
        await alice.MessageAsync("1");
        return (alice, id);
    }

    private static async Task<TestClient> ResumeAsync(TestServer server, string id, string handled, bool waits = true)
    {
        var again = server.Open();
        await again.LogInAsync("alice", "example.test", "secret");
        await again.SendAsync($"<resume xmlns='urn:xmpp:sm:3' previd='{id}' h='0'/>");
        var resuming = again.ReceiveAsync(element => element.Name == "resumed");
        while (waits && !resuming.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromMilliseconds(100)); // five seconds, and never a day
            await Task.Yield();
        }

        Assert.Equal(handled, (await resuming).Attribute("h"));
        return again;
    }

    private static async Task<TestClient> EnterAsync(TestServer server)
    {
        var alice = await server.EnterManagedAsync();
        await SayAsync(alice, "1");
        await alice.MessageAsync("1");
        return alice;
    }

    private static Task SayAsync(TestClient client, string body) => client.SendAsync($"<message type='groupchat' to='{MucServer.Room}' id='{body}'><body>{body}</body></message>");

    private static async Task<string?> HandledAsync(TestClient client) => (await client.ReceiveAsync(element => element.Is("a", Ns.StreamManagement))).Attribute("h");
}

/// <summary>An archive whose writes a test finishes.</summary>
public sealed class HeldArchive
{
    public TaskCompletionSource Written { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>That archive as a module.</summary>
[Module("a_test_held_archive", Options = typeof(HeldArchive))]
public sealed class HeldArchiveModule(HeldArchive archive) : IModule
{
    public void Register(IModuleRegistry on) => on.Hook(RoomHooks.Message, RoomMessageSlot.Archive, async (context, _) =>
    {
        await context.BeforeAcknowledgeAsync(archive.Written.Task);
        return HookResult.Continue;
    });
}
