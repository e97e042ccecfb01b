using Meerkat.Core.Access;
using Meerkat.Core.Hooks;
using Meerkat.Core.Routing;
using Meerkat.Modules.Mam;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>Archives of rooms, as room services use them by their hooks (MAM-060 to MAM-068).</summary>
public sealed class MamRoomTests
{
    private static readonly MamOptions s_options = new() { Muc = new MamMucOptions(), UserPrefsStore = PreferenceBackend.Rdbms };
    private static readonly Jid s_alice = Jid.Parse("alice@example.test/r");
    private static readonly Jid s_bob = Jid.Parse("bob@example.test/r");

    [Fact] // MAM-060, MAM-061, MAM-062
    public async Task What_is_said_is_kept_with_who_said_it_for_those_who_may_know()
    {
        await using var server = await MamFixture.StartAsync(s_options);
        var room = new Room("room@conference.example.test");
        var sent = await SayAsync(server, room, s_alice, "A", "<body>hi</body><x xmlns='http://jabber.org/protocol/muc#user'><item jid='forged@x.test'/></x><stanza-id xmlns='urn:xmpp:sid:0' by='room@conference.example.test' id='forged'/>");
        var id = sent.Child("stanza-id", Ns.StanzaIds)!.Value;
        Assert.Equal(("room@conference.example.test", true), (id.Attribute("by"), StanzaId.TryParse(id.Attribute("id"), out _)));
        Assert.DoesNotContain("stanza-id xmlns='urn:xmpp:sid:0' by='room@conference.example.test' id='forged'", sent.ToString(), StringComparison.Ordinal);

        await using var bob = await server.ConnectAsync("bob");
        foreach (var (sees, kind, knows) in new[] { (false, RoomKind.Muc, false), (true, RoomKind.Muc, true), (false, RoomKind.MucLight, true) })
        {
            var (results, answer) = await AskAsync(server, bob, room with { Kind = kind }, "<query xmlns='urn:xmpp:mam:2'/>", IqType.Set, seesIdentities: sees);
            Assert.Equal(IqType.Result, answer!.Type);
            var result = results.Single();
            Assert.Equal("room@conference.example.test", result.Attribute("from"));
            var found = result.Child("result", Ns.Mam)!.Value;
            Assert.Equal(id.Attribute("id"), found.Attribute("id"));
            var message = found.FirstChild!.Value.Child("message", Ns.Client)!.Value;
            Assert.Equal(("room@conference.example.test/A", null, "groupchat"), (message.Attribute("from"), message.Attribute("to"), message.Attribute("type")));
            var x = message.Child("x", Ns.MucUser);
            Assert.Equal(knows, x is not null);
            if (knows)
            {
                Assert.True(TestClient.Fits(x!.Value, XmlElement.Parse("<x xmlns='http://jabber.org/protocol/muc#user'><item jid='alice@example.test/r' affiliation='member' role='participant'/></x>")), x.ToString());
            }
        }

        await using var alice = await server.ConnectAsync("alice");
        var (own, _) = await AskAsync(server, alice, room, "<query xmlns='urn:xmpp:mam:1'/>", IqType.Set);
        Assert.Contains("alice@example.test/r", own.Single().ToString(), StringComparison.Ordinal); // his own
    }

    [Fact] // MAM-065
    public async Task A_nick_selects()
    {
        await using var server = await MamFixture.StartAsync(s_options);
        var room = new Room("room@conference.example.test");
        await SayAsync(server, room, s_alice, "A", "<body>a</body>");
        await SayAsync(server, room, s_bob, "B", "<body>b</body>");
        await using var bob = await server.ConnectAsync("bob");
        await ExpectAsync("room@conference.example.test/A", false, "a");
        await ExpectAsync("room@conference.example.test", false, "a", "b");
        await ExpectAsync("alice@example.test", false);
        await ExpectAsync("alice@example.test", true, "a");

        async Task ExpectAsync(string with, bool sees, params string[] bodies)
        {
            var (results, _) = await AskAsync(server, bob, room, $"<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'><field var='with'><value>{with}</value></field></x></query>", IqType.Set, seesIdentities: sees);
            Assert.Equal(bodies, results.Select(result => result.Child("result", Ns.Mam)!.Value.FirstChild!.Value.Child("message", Ns.Client)!.Value.ChildText("body")));
        }
    }

    [Fact] // MAM-023, MAM-063
    public async Task Who_may_not_read_gets_nothing_and_only_owners_set_preferences()
    {
        await using var server = await MamFixture.StartAsync(s_options);
        var room = new Room("room@conference.example.test");
        await using var bob = await server.ConnectAsync("bob");
        foreach (var (payload, type) in new[] { ("<query xmlns='urn:xmpp:mam:2'/>", IqType.Set), ("<query xmlns='urn:xmpp:mam:2'/>", IqType.Get), ("<prefs xmlns='urn:xmpp:mam:2'/>", IqType.Get), ("<metadata xmlns='urn:xmpp:mam:2'/>", IqType.Get) })
        {
            Assert.Contains("not-allowed", (await AskAsync(server, bob, room, payload, type, mayRead: false)).Answer!.ToString(), StringComparison.Ordinal);
            Assert.Equal(IqType.Result, (await AskAsync(server, bob, room, payload, type)).Answer!.Type);
        }

        const string Prefs = "<prefs xmlns='urn:xmpp:mam:2' default='roster'><never><jid>room@conference.example.test/B</jid></never></prefs>";
        var refused = (await AskAsync(server, bob, room, Prefs, IqType.Set)).Answer!.ToString();
        Assert.Contains("not-allowed", refused, StringComparison.Ordinal);
        Assert.Contains("This is for owners of the room only.", refused, StringComparison.Ordinal);
        Assert.Equal(IqType.Result, (await AskAsync(server, bob, room, Prefs, IqType.Set, isOwner: true)).Answer!.Type);
        await SayAsync(server, room, s_alice, "A", "<body>a</body>");
        Assert.Null((await SayAsync(server, room, s_bob, "B", "<body>b</body>")).Child("stanza-id", Ns.StanzaIds));
        Assert.Single((await AskAsync(server, bob, room, "<query xmlns='urn:xmpp:mam:2'/>", IqType.Set)).Results);
    }

    [Fact] // MAM-063: a rule goes before the room's opinion
    public async Task A_rule_may_allow_and_deny()
    {
        await using var server = await MamFixture.StartAsync(s_options, with =>
        {
            with.Access["muc_mam_lookup_messages"] = [new AccessClause { Acl = "all", Value = AccessValue.Deny }];
            with.Access["muc_mam_get_metadata"] = [new AccessClause { Acl = "all", Value = AccessValue.Allow }];
        });
        var room = new Room("room@conference.example.test");
        await using var bob = await server.ConnectAsync("bob");
        Assert.Contains("not-allowed", (await AskAsync(server, bob, room, "<query xmlns='urn:xmpp:mam:2'/>", IqType.Set)).Answer!.ToString(), StringComparison.Ordinal);
        Assert.Equal(IqType.Result, (await AskAsync(server, bob, room, "<metadata xmlns='urn:xmpp:mam:2'/>", IqType.Get, mayRead: false)).Answer!.Type);
    }

    [Theory] // MAM-066
    [InlineData("conference.@HOST@", "room@conference.example.test", true)]
    [InlineData("conference.@HOST@", "room@muclight.example.test", false)]
    [InlineData("conference.@HOST@", "room@conference.other.test", false)]
    [InlineData("rooms.other.test", "room@rooms.other.test", true)]
    public async Task One_service_is_archived(string host, string address, bool isArchived)
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Muc = new MamMucOptions { Host = host } });
        var room = new Room(address);
        var sent = await SayAsync(server, room, s_alice, "A", "<body>a</body>");
        Assert.Equal(isArchived, sent.Has("stanza-id", Ns.StanzaIds));
        await using var bob = await server.ConnectAsync("bob");
        Assert.Equal(isArchived, (await AskAsync(server, bob, room, "<query xmlns='urn:xmpp:mam:2'/>", IqType.Set)).Answer is not null);
        var features = new RoomFeatures(server.Host, room.Jid.DomainJid);
        await server.Host.Hooks.RunAsync(RoomHooks.Features, features, CancellationToken.None);
        Assert.Equal(isArchived, features.List.Contains(Ns.Mam));
        Assert.DoesNotContain(Ns.MamGroupchatField, features.List);
    }

    [Fact] // MAM-067
    public async Task A_room_that_is_gone_leaves_nothing()
    {
        await using var server = await MamFixture.StartAsync(s_options);
        var room = new Room("room@conference.example.test");
        await SayAsync(server, room, s_alice, "A", "<body>a</body>");
        await server.Host.Hooks.RunAsync(RoomHooks.Gone, new RoomGone(server.Host, room.Jid, room.Kind, []), CancellationToken.None);
        await using var bob = await server.ConnectAsync("bob");
        Assert.Empty((await AskAsync(server, bob, room, "<query xmlns='urn:xmpp:mam:2'/>", IqType.Set)).Results);
    }

    [Fact] // MAM-071: the same room, the same account, whatever its nick
    public async Task A_sender_retracts_what_it_said()
    {
        await using var server = await MamFixture.StartAsync(s_options);
        var room = new Room("room@conference.example.test");
        var sent = await SayAsync(server, room, s_alice, "A", "<body>one</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>");
        var other = await SayAsync(server, room, s_alice, "A", "<body>two</body>");
        await SayAsync(server, room, s_bob, "A", "<retract xmlns='urn:xmpp:message-retract:1' id='o1'/>");
        await SayAsync(server, room, s_bob, "A", $"<retract xmlns='urn:xmpp:message-retract:1' id='{IdOf(sent)}'/>");
        await using var bob = await server.ConnectAsync("bob");
        await ExpectAsync("one", "two", null, null);
        await SayAsync(server, room, s_alice, "A2", "<apply-to xmlns='urn:xmpp:fasten:0' id='o1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>");
        await SayAsync(server, room, s_alice, "A2", $"<retract xmlns='urn:xmpp:message-retract:1' id='{IdOf(other)}'/>");
        await ExpectAsync(null, null, null, null, null, null);

        async Task ExpectAsync(params string?[] bodies)
        {
            var (results, _) = await AskAsync(server, bob, room, "<query xmlns='urn:xmpp:mam:2'/>", IqType.Set);
            Assert.Equal(bodies, results.Select(result => result.Child("result", Ns.Mam)!.Value.FirstChild!.Value.Child("message", Ns.Client)!.Value.ChildText("body")));
        }

        static string IdOf(Message message) => message.Child("stanza-id", Ns.StanzaIds)!.Value.Attribute("id")!;
    }

    [Fact] // XEP-0425 §4
    public async Task A_moderator_takes_a_message_back()
    {
        await using var server = await MamFixture.StartAsync(s_options);
        var room = new Room("room@conference.example.test");
        var sent = await SayAsync(server, room, s_alice, "A", "<body>rude</body>");
        var retracted = XmlElement.Parse("<retracted xmlns='urn:xmpp:message-retract:1' stamp='2030-01-02T03:04:05Z'><moderated xmlns='urn:xmpp:message-moderate:1' by='room@conference.example.test/M'/><reason>rude</reason></retracted>");
        Assert.False(await ModerateAsync("ABC"));
        Assert.False(await ModerateAsync("?"));
        Assert.True(await ModerateAsync(sent.Child("stanza-id", Ns.StanzaIds)!.Value.Attribute("id")!));
        await using var bob = await server.ConnectAsync("bob");
        var (results, _) = await AskAsync(server, bob, room, "<query xmlns='urn:xmpp:mam:2'/>", IqType.Set);
        var message = results.Single().Child("result", Ns.Mam)!.Value.FirstChild!.Value.Child("message", Ns.Client)!.Value;
        Assert.Equal("room@conference.example.test/A", message.Attribute("from"));
        Assert.True(XmlElement.ValueEquals(retracted, message.Children.Single()), message.ToString());

        async Task<bool> ModerateAsync(string id)
        {
            var moderation = new RoomModeration(server.Host, room, id, retracted);
            await server.Host.Hooks.RunAsync(RoomHooks.Moderated, moderation, CancellationToken.None);
            return moderation.IsKnown;
        }
    }

    [Fact] // MAM-087, MAM-088
    public async Task What_an_account_said_is_told_to_it_and_stays_when_it_goes()
    {
        await using var server = await MamFixture.StartAsync(s_options);
        var room = new Room("room@conference.example.test");
        await SayAsync(server, room, s_alice, "A", "<body>a</body>");
        await SayAsync(server, room, s_bob, "B", "<body>b</body>");
        var data = server.Host.Data.Single();
        await data.RemoveAccountAsync(s_alice.Bare, CancellationToken.None);
        var section = Assert.Single(await data.ExportAsync(s_alice.Bare, CancellationToken.None).ToListAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("mam_muc", section.Name);
        Assert.Contains("<body>a</body>", Assert.Single(section.Rows)[1], StringComparison.Ordinal);
        await data.RemoveDomainAsync("example.test", CancellationToken.None);
        Assert.Empty(await data.ExportAsync(s_alice.Bare, CancellationToken.None).ToListAsync(cancellationToken: TestContext.Current.CancellationToken));
    }

    private static async Task<Message> SayAsync(TestServer server, Room room, Jid sender, string nick, string payload)
    {
        var element = XmlElement.Parse($"<message xmlns='jabber:client' type='groupchat'>{payload}</message>");
        var message = (Message)StanzaReader.Read(element, room.Jid.WithResource(nick), null)!;
        var context = new RoomMessageContext(server.Host, room, message, sender, null) { Affiliation = "member", Role = "participant" };
        Assert.Equal(HookResult.Continue, await server.Host.Hooks.RunAsync(RoomHooks.Message, context, CancellationToken.None));
        return context.Message;
    }

    private static async Task<(List<XmlElement> Results, Iq? Answer)> AskAsync(
        TestServer server, TestClient client, Room room, string payload, IqType type, bool mayRead = true, bool isOwner = false, bool seesIdentities = false)
    {
        var iq = Iq.Create(type, Jid.Parse(client.Jid), room.Jid, "i", XmlElement.Parse(payload));
        var context = new RoomIqContext(server.Host, room, iq) { MayRead = mayRead, IsOwner = isOwner, SeesIdentities = seesIdentities };
        var stopped = await server.Host.Hooks.RunAsync(RoomHooks.Iq, context, CancellationToken.None) is HookResult.Stop;
        Assert.Equal(stopped, context.Answer is not null);
        await client.SendAsync("<iq type='get' id='end' to='example.test'><q xmlns='a:b'/></iq>");
        var results = new List<XmlElement>();
        await client.ReceiveAsync(element =>
        {
            if (element.Name == "message")
            {
                results.Add(element);
            }

            return element.Attribute("id") == "end";
        });
        return (results, context.Answer);
    }

    private sealed record Room(string Address) : IRoom
    {
        public BareJid Jid => BareJid.Parse(Address);

        public RoomKind Kind { get; init; } = RoomKind.Muc;

        public ValueTask<IReadOnlyCollection<BareJid>> MembersAsync(CancellationToken ct) => new([s_alice.Bare, s_bob.Bare]);
    }
}
