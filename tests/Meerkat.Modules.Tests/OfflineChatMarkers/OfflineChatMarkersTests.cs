using Meerkat.Core.Hooks;
using Meerkat.Modules.Offline;
using Meerkat.Modules.OfflineChatMarkers;
using Meerkat.Modules.SmartMarkers;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.OfflineChatMarkers;

/// <summary>Chat markers for who is away.</summary>
public sealed class OfflineChatMarkersTests
{
    [Fact] // OCM-001, OCM-002
    public async Task Who_comes_back_is_told_the_last_markers_and_only_once()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        for (var i = 1; i <= 3; i++)
        {
            await alice.SendAsync($"<message to='bob@example.test' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='m{i}'/></message>");
        }

        await alice.SendAsync("<message to='bob@example.test' type='chat'><received xmlns='urn:xmpp:chat-markers:0' id='m3'/><thread>T</thread></message>");
        await alice.SendAsync("<message to='bob@example.test' type='chat'><body>waits</body></message>");
        await alice.ExpectNothingAsync();
        await using (var bob = await server.ConnectAsync("bob"))
        {
            await bob.SendAsync("<presence/>");
            await bob.ExpectAsync("<message><body>waits</body></message>");
            XmlElement[] markers = [await bob.ReceiveAsync(), await bob.ReceiveAsync()];
            Assert.All(markers, marker => Assert.Equal(("alice@example.test", "bob@example.test", "chat"), (marker.Attribute("from"), marker.Attribute("to"), marker.Attribute("type"))));
            Assert.All(markers, marker => Assert.Null(marker.Child("delay", Ns.Delay)));
            Assert.Contains(markers, marker => marker.Child("displayed", Ns.ChatMarkers)?.Attribute("id") == "m3" && marker.ChildText("thread") is null);
            Assert.Contains(markers, marker => marker.Child("received", Ns.ChatMarkers)?.Attribute("id") == "m3" && marker.ChildText("thread") == "T");
            await bob.ExpectAsync("<presence/>");
        }

        await using var again = await server.ConnectAsync("bob");
        await again.SendAsync("<presence/>");
        await again.ExpectAsync("<presence/>");
    }

    [Fact] // OCM-001: what smart markers do not know is a message like any other
    public async Task A_marker_from_elsewhere_waits_as_a_message()
    {
        await using var server = await StartAsync();
        var message = (Message)StanzaReader.ReadTrusted(XmlElement.Parse("<message xmlns='jabber:client' from='far@other.test/r' to='bob@example.test' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/></message>"))!;
        await server.Context.Router.RouteAsync(message, CancellationToken.None);
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        await bob.ExpectAsync("<message from='far@other.test/r'><displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/><delay xmlns='urn:xmpp:delay'/></message>");
        await bob.ExpectAsync("<presence/>");
    }

    [Fact] // a sender chooses threads: what is remembered for an account has a bound, and further markers are messages, which have theirs
    public async Task Markers_of_too_many_conversations_wait_as_messages()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        for (var i = 0; i <= OfflineChatMarkersModule.MaxConversations; i++)
        {
            await alice.SendAsync($"<message to='bob@example.test' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='m'/><thread>{i}</thread></message>");
        }

        await alice.ExpectNothingAsync();
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        var markers = new List<XmlElement>();
        for (var next = await bob.ReceiveAsync(); next.Name == "message"; next = await bob.ReceiveAsync())
        {
            markers.Add(next);
        }

        Assert.Equal(OfflineChatMarkersModule.MaxConversations + 1, markers.Count);
        Assert.Equal($"{OfflineChatMarkersModule.MaxConversations}", Assert.Single(markers, marker => marker.Child("delay", Ns.Delay) is not null).ChildText("thread"));
    }

    [Fact] // OCM-002
    public async Task Markers_of_rooms_come_from_the_room()
    {
        await using var server = await StartAsync(new OfflineChatMarkersOptions { StoreGroupchatMessages = true });
        var room = new Room();
        var said = (Message)StanzaReader.Read(XmlElement.Parse("<message xmlns='jabber:client' type='groupchat'><displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/></message>"), room.Jid.WithResource("alice@example.test"), null)!;
        await server.Host.Hooks.RunAsync(RoomHooks.Message, new RoomMessageContext(server.Host, room, said, Jid.Parse("alice@example.test/r"), null), CancellationToken.None);
        await server.Context.Router.RouteAsync(said.Readdress(said.From, BareJid.Parse("bob@example.test")), CancellationToken.None);
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        await bob.ExpectAsync("<message from='room@muclight.example.test/alice@example.test' to='bob@example.test' type='groupchat'><displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/></message>");
        await bob.ExpectAsync("<presence/>");
    }

    private static async Task<TestServer> StartAsync(OfflineChatMarkersOptions? options = null)
    {
        var server = await TestServer.StartAsync(with => with.Module<OfflineChatMarkersModule>(options ?? new OfflineChatMarkersOptions()).Module<SmartMarkersModule>().Module<OfflineModule>().Module<PlainPresenceModule>());
        await server.Accounts.AddAsync("bob@example.test", "secret");
        return server;
    }

    private sealed record Room : IRoom
    {
        public BareJid Jid { get; } = BareJid.Parse("room@muclight.example.test");

        public RoomKind Kind => RoomKind.MucLight;

        public ValueTask<IReadOnlyCollection<BareJid>> MembersAsync(CancellationToken ct) => new([BareJid.Parse("bob@example.test")]);
    }
}
