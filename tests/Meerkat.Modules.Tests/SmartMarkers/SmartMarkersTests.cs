using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Modules.SmartMarkers;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.SmartMarkers;

/// <summary>Markers that the server remembers.</summary>
public sealed class SmartMarkersTests
{
    private static readonly BareJid s_alice = BareJid.Parse("alice@example.test");

    [Theory] // SMK-001, SMK-003, SMK-006
    [InlineData(SmartMarkersBackend.Rdbms)]
    [InlineData(SmartMarkersBackend.RdbmsAsync)]
    public async Task Both_sides_are_told_the_last_markers_of_both(SmartMarkersBackend backend)
    {
        await using var server = await StartAsync(new SmartMarkersOptions { Backend = backend });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await MarkAsync(alice, "bob@example.test/x", "displayed", "b1");
        await MarkAsync(alice, "bob@example.test", "received", "b2");
        await MarkAsync(alice, "bob@example.test", "displayed", "b3");
        await MarkAsync(bob, "alice@example.test", "acknowledged", "a1");
        await MarkAsync(bob, "alice@example.test", "displayed", "t1", "<thread>T</thread>");
        await MarkAsync(alice, "carol@example.test", "displayed", "c1");
        await MarkAsync(alice, "far@other.test", "displayed", "f1");
        foreach (var (client, peer) in new[] { (alice, "bob"), (bob, "alice") })
        {
            var answer = await client.AskAsync($"<iq type='get'><query xmlns='esl:xmpp:smart-markers:0' peer='{peer}@example.test/r'/></iq>");
            Fits(answer, $"""
                <iq type='result'><query xmlns='esl:xmpp:smart-markers:0' peer='{peer}@example.test'>
                <marker from='alice@example.test' id='b2' type='received'/><marker from='alice@example.test' id='b3' type='displayed'/><marker from='bob@example.test' id='a1' type='acknowledged'/></query></iq>
                """);
            Assert.Equal(3, answer.FirstChild!.Value.Children.Count);
            var threaded = await client.AskAsync($"<iq type='get'><query xmlns='esl:xmpp:smart-markers:0' peer='{peer}@example.test' thread='T'/></iq>");
            Fits(threaded, $"<iq><query xmlns='esl:xmpp:smart-markers:0'><marker from='bob@example.test' id='t1' thread='T'/></query></iq>");
        }

        var stamp = (await alice.AskAsync("<iq type='get'><query xmlns='esl:xmpp:smart-markers:0' peer='bob@example.test'/></iq>")).FirstChild!.Value.Children[1].Attribute("timestamp")!;
        Assert.Matches(@"^2030-01-02T03:04:05\.\d{6}Z$", stamp);
        Fits(await alice.AskAsync($"<iq type='get'><query xmlns='esl:xmpp:smart-markers:0' peer='bob@example.test' after='{stamp}'/></iq>"), "<iq><query xmlns='esl:xmpp:smart-markers:0'><marker id='a1'/></query></iq>");
        Assert.Empty((await alice.AskAsync("<iq type='get'><query xmlns='esl:xmpp:smart-markers:0' peer='far@other.test'/></iq>")).FirstChild!.Value.Children);
    }

    [Fact] // SMK-002
    public async Task Mistakes_are_answered()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        Assert.Contains("not-allowed", (await alice.AskAsync("<iq type='set'><query xmlns='esl:xmpp:smart-markers:0' peer='bob@example.test'/></iq>")).ToString(), StringComparison.Ordinal);
        Assert.Contains("invalid-peer", (await alice.AskAsync("<iq type='get'><query xmlns='esl:xmpp:smart-markers:0'/></iq>")).ToString(), StringComparison.Ordinal);
        Assert.Contains("invalid-peer", (await alice.AskAsync("<iq type='get'><query xmlns='esl:xmpp:smart-markers:0' peer='@'/></iq>")).ToString(), StringComparison.Ordinal);
        Assert.Contains("invalid-timestamp", (await alice.AskAsync("<iq type='get'><query xmlns='esl:xmpp:smart-markers:0' peer='b@c.d' after='now'/></iq>")).ToString(), StringComparison.Ordinal);
        Assert.Contains("forbidden", (await alice.AskAsync("<iq type='get' to='bob@example.test'><query xmlns='esl:xmpp:smart-markers:0' peer='b@c.d'/></iq>")).ToString(), StringComparison.Ordinal);
    }

    [Fact] // SMK-003, SMK-004
    public async Task Private_markers_go_nowhere()
    {
        await using var server = await StartAsync(new SmartMarkersOptions { KeepPrivate = true });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await MarkAsync(alice, "bob@example.test", "displayed", "b1");
        await MarkAsync(bob, "alice@example.test", "displayed", "a1");
        await bob.ExpectNothingAsync();
        Fits(await alice.AskAsync("<iq type='get'><query xmlns='esl:xmpp:smart-markers:0' peer='bob@example.test'/></iq>"), "<iq><query xmlns='esl:xmpp:smart-markers:0'><marker from='alice@example.test' id='b1'/></query></iq>");
        Assert.Single((await bob.AskAsync("<iq type='get'><query xmlns='esl:xmpp:smart-markers:0' peer='alice@example.test'/></iq>")).FirstChild!.Value.Children);
        Assert.Equal(HookResult.Stop, await SayAsync(server, new Room(), "<displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/>", alice));
        Assert.Equal(HookResult.Continue, await SayAsync(server, new Room(), "<body>b</body>", alice));
    }

    [Fact] // SMK-001, SMK-003, SMK-005
    public async Task Members_of_a_room_are_told_everybodys_markers()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await using var carol = await server.ConnectAsync("carol");
        var room = new Room();
        await SayAsync(server, room, "<displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/>", alice);
        await SayAsync(server, room, "<displayed xmlns='urn:xmpp:chat-markers:0' id='m2'/>", bob);
        const string Ask = "<iq type='get'><query xmlns='esl:xmpp:smart-markers:0' peer='room@muclight.example.test'/></iq>";
        Fits(await alice.AskAsync(Ask), "<iq><query xmlns='esl:xmpp:smart-markers:0'><marker from='alice@example.test' id='m1'/><marker from='bob@example.test' id='m2'/></query></iq>");
        Assert.Empty((await carol.AskAsync(Ask)).FirstChild!.Value.Children); // no member

        await server.Host.Hooks.RunAsync(RoomHooks.MemberChanged, new RoomMemberChange(server.Host, room, s_alice, RoomMembership.Removed, null), CancellationToken.None);
        Assert.Single((await bob.AskAsync(Ask)).FirstChild!.Value.Children);
        await server.Host.Hooks.RunAsync(RoomHooks.Gone, new RoomGone(server.Host, room.Jid, room.Kind, []), CancellationToken.None);
        Assert.Empty((await bob.AskAsync(Ask)).FirstChild!.Value.Children);
    }

    private static async Task MarkAsync(TestClient client, string to, string type, string id, string more = "")
    {
        await client.SendAsync($"<message to='{to}' type='chat'><{type} xmlns='urn:xmpp:chat-markers:0' id='{id}'/>{more}</message>");
        await client.AskAsync("<iq type='get' to='example.test'><q xmlns='a:b'/></iq>");
    }

    private static async Task<HookResult> SayAsync(TestServer server, Room room, string payload, TestClient sender)
    {
        var message = (Message)StanzaReader.Read(XmlElement.Parse($"<message xmlns='jabber:client' type='groupchat'>{payload}</message>"), room.Jid.WithResource(sender.BareJid), null)!;
        return await server.Host.Hooks.RunAsync(RoomHooks.Message, new RoomMessageContext(server.Host, room, message, Jid.Parse(sender.Jid), null), CancellationToken.None);
    }

    private static async Task<TestServer> StartAsync(SmartMarkersOptions? options = null)
    {
        var server = await TestServer.StartAsync(with => with.Module<SmartMarkersModule>(options ?? new SmartMarkersOptions()).Module<PlainPresenceModule>().Module<RoomQuestionModule>());
        foreach (var name in (string[])["alice", "bob", "carol"])
        {
            await server.Accounts.AddAsync($"{name}@example.test", "secret");
        }

        return server;
    }

    private static void Fits(XmlElement element, string pattern) => Assert.True(TestClient.Fits(element, XmlElement.Parse(pattern, Ns.Client)), $"expected {pattern}\ngot {element}");

    private sealed record Room : IRoom
    {
        public BareJid Jid { get; } = BareJid.Parse("room@muclight.example.test");

        public RoomKind Kind => RoomKind.MucLight;

        public ValueTask<IReadOnlyCollection<BareJid>> MembersAsync(CancellationToken ct) => new([s_alice]);
    }
}

/// <summary>Answers for one room, of which everybody but carol is a member.</summary>
[Module("a_test_room_question")]
public sealed class RoomQuestionModule : IModule
{
    public void Register(IModuleRegistry on) => on.Hook(RoomHooks.Question, RoomQuestionSlot.MucLight, (question, _) =>
    {
        if (question.Room.Domain != "muclight.example.test")
        {
            return new(HookResult.Continue);
        }

        question.MayRead = question.Account.Local != "carol";
        return new(HookResult.Stop);
    });
}
