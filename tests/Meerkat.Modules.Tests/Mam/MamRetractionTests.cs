using Meerkat.Modules.Mam;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>Retracted messages (XEP-0424).</summary>
public sealed class MamRetractionTests
{
    private const string Said = "<message to='bob@example.test' type='chat' id='m1'><body>secret</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>";

    public static TheoryData<string, string> Versions => new()
    {
        {
            "<apply-to xmlns='urn:xmpp:fasten:0' id='o1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>",
            "<retracted xmlns='urn:xmpp:message-retract:0' stamp='2030-01-02T03:04:05Z'><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></retracted>"
        },
        {
            "<retract xmlns='urn:xmpp:message-retract:1' id='o1'/>",
            "<retracted xmlns='urn:xmpp:message-retract:1' stamp='2030-01-02T03:04:05Z' id='r1'/>"
        },
    };

    [Theory] // MAM-070 to MAM-074
    [MemberData(nameof(Versions))]
    public async Task A_tombstone_stands_in_both_archives_and_the_request_behind_it(string retract, string retracted)
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.SendAsync(Said);
        await alice.SendAsync($"<message to='bob@example.test' type='chat' id='r1'>{retract}</message>");
        foreach (var client in (TestClient[])[alice, bob])
        {
            var page = await client.QueryAsync();
            var tombstone = page.Messages[0];
            Assert.Equal(("m1", "chat", alice.Jid), (tombstone.Attribute("id"), tombstone.Attribute("type"), tombstone.Attribute("from")));
            Assert.True(XmlElement.ValueEquals(tombstone.FirstChild!.Value, XmlElement.Parse(retracted)) && tombstone.Children.Count == 1, tombstone.ToString());
            Assert.Equal("r1", page.Messages[1].Attribute("id"));
            Assert.Empty((await client.QueryAsync([("fulltext", "secret")])).Results);
        }
    }

    [Fact] // MAM-070, MAM-072
    public async Task A_message_is_retracted_by_the_id_of_the_archive()
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions { SameMamIdForPeers = true } });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.SendAsync(Said);
        var id = (await alice.QueryAsync()).Ids.Single();
        await alice.SendAsync($"<message to='bob@example.test' type='chat'><apply-to xmlns='urn:xmpp:fasten:0' id='{id}'><retract xmlns='urn:esl:message-retract-by-stanza-id:0'/></apply-to></message>");
        await alice.AskAsync("<iq type='get' to='example.test'><q xmlns='a:b'/></iq>");
        var tombstone = (await bob.QueryAsync()).Messages[0];
        Assert.True(TestClient.Fits(tombstone, XmlElement.Parse(
            $"<message><retracted xmlns='urn:esl:message-retract-by-stanza-id:0' stamp='2030-01-02T03:04:05Z'><stanza-id xmlns='urn:xmpp:sid:0' by='bob@example.test' id='{id}'/><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></retracted></message>", Ns.Client)), tombstone.ToString());
    }

    [Theory] // XEP-0424 v0.4.2 §3, §5.1: the id attribute of the message, with or without an id of XEP-0359 beside it
    [InlineData("")]
    [InlineData("<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>")]
    public async Task Version_1_names_a_message_by_its_stanzas_id(string originId)
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<message to='alice@example.test' type='chat' id='w1'><body>mine</body></message>");
        await alice.ReceiveAsync(element => element.Name == "message");
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='w1'><body>before</body></message>");
        await alice.SendAsync($"<message to='bob@example.test' type='chat' id='w1'><body>secret</body>{originId}</message>");
        await alice.ChatAsync(120); // beyond the first pages
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='r1'><retract xmlns='urn:xmpp:message-retract:1' id='w1'/></message>");
        await alice.ExpectNothingAsync();
        foreach (var client in (TestClient[])[alice, bob])
        {
            var first = await client.QueryAsync(page: "<max>3</max>");
            Assert.Equal(["mine", "before", null], first.Bodies); // the newest of that id
            Assert.True(TestClient.Fits(first.Messages[2], XmlElement.Parse(
                "<message id='w1'><retracted xmlns='urn:xmpp:message-retract:1' stamp='2030-01-02T03:04:05Z' id='r1'/></message>", Ns.Client)), first.Messages[2].ToString());
        }

        await alice.SendAsync("<message to='bob@example.test' type='chat' id='r2'><retract xmlns='urn:xmpp:message-retract:1' id='m120'/></message>");
        await alice.ExpectNothingAsync();
        var last = (await bob.QueryAsync(page: "<max>3</max><before/>")).Messages; // "120" and the two requests
        Assert.Equal("r2", last[0].Child("retracted", "urn:xmpp:message-retract:1")?.Attribute("id"));
    }

    [Fact] // XEP-0424 v0.4.2 §5.1, MAM-069: what a room has sent is named by the room's id
    public async Task Version_1_names_groupchat_by_the_rooms_id()
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions { ArchiveGroupchats = true } });
        await using var alice = await server.ConnectAsync("alice");
        await RouteAsync("bob", "<body>secret</body><stanza-id xmlns='urn:xmpp:sid:0' by='room@muc.test' id='X1'/><stanza-id xmlns='urn:xmpp:sid:0' by='eve@muc.test' id='X2'/>");
        foreach (var (nick, id, body) in new[] { ("eve", "X1", "secret"), ("bob", "g1", "secret"), ("bob", "X2", "secret"), ("bob", "X1", null) })
        {
            await RouteAsync(nick, $"<retract xmlns='urn:xmpp:message-retract:1' id='{id}'/>");
            Assert.Equal(body, (await alice.QueryAsync()).Bodies[0]);
        }

        async Task RouteAsync(string nick, string payload) => await server.Context.Router.RouteAsync(
            (Message)StanzaReader.ReadTrusted(XmlElement.Parse($"<message xmlns='jabber:client' from='room@muc.test/{nick}' to='alice@example.test' type='groupchat' id='g1'>{payload}</message>"))!, CancellationToken.None);
    }

    [Fact] // MAM-071: the same sender, the same contact, the same direction
    public async Task Nobody_retracts_what_somebody_else_has_said()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await using var carol = await server.ConnectAsync("carol");
        await alice.SendAsync(Said);
        await alice.ExpectNothingAsync();
        foreach (var (client, to) in new[] { (bob, "alice"), (carol, "alice"), (carol, "bob"), (alice, "carol") })
        {
            await client.SendAsync($"<message to='{to}@example.test' type='chat'><retract xmlns='urn:xmpp:message-retract:1' id='o1'/></message>");
            await client.AskAsync("<iq type='get' to='example.test'><q xmlns='a:b'/></iq>");
        }

        Assert.Equal("secret", (await alice.QueryAsync([("with", "bob@example.test")])).Bodies[0]);
        Assert.Equal("secret", (await bob.QueryAsync([("with", "alice@example.test")])).Bodies[0]);
    }

    [Theory] // MAM-069, MAM-071: in an account's archive all occupants of a room have the same bare address
    [InlineData("room@muc.test/eve", "groupchat", "secret")]
    [InlineData("room@muc.test/eve", "chat", "secret")]
    [InlineData("room@muc.test/bob", "groupchat", null)]
    public async Task An_occupant_retracts_only_its_own(string from, string type, string? body)
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions { ArchiveGroupchats = true } });
        await using var alice = await server.ConnectAsync("alice");
        await RouteAsync("<message xmlns='jabber:client' from='room@muc.test/bob' to='alice@example.test' type='groupchat'><body>secret</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>");
        await RouteAsync($"<message xmlns='jabber:client' from='{from}' to='alice@example.test' type='{type}'><apply-to xmlns='urn:xmpp:fasten:0' id='o1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to></message>");
        Assert.Equal(body, (await alice.QueryAsync()).Bodies[0]);

        async Task RouteAsync(string xml) => await server.Context.Router.RouteAsync((Message)StanzaReader.ReadTrusted(XmlElement.Parse(xml))!, CancellationToken.None);
    }

    [Fact] // message_retraction = false
    public async Task Nothing_is_replaced_where_that_is_not_wanted()
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions(), MessageRetraction = false });
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync(Said);
        await alice.SendAsync("<message to='bob@example.test' type='chat'><retract xmlns='urn:xmpp:message-retract:1' id='o1'/></message>");
        Assert.Equal(["secret", null], (await alice.QueryAsync()).Bodies);
    }
}
