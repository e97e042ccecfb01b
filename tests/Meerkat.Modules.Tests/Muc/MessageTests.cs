using Meerkat.Modules.Muc;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>What is said in rooms and between occupants (MUC-040 to MUC-047).</summary>
public sealed class MessageTests
{
    [Fact] // MUC-040, MUC-041, XEP-0359, XEP-0421; replies, corrections, reactions pass whole
    public async Task A_message_reaches_everybody_with_its_id_and_payload()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice", "pc");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>x</body></message>");
        (await alice.ReceiveAsync()).IsError("not-acceptable", "modify");
        await alice.JoinAsync("al");
        await alice.SendAsync(
            $"<message type='groupchat' to='{MucServer.Room}' id='m1'><body>hi</body><replace xmlns='urn:xmpp:message-correct:0' id='m0'/><reply xmlns='urn:xmpp:reply:0' to='a' id='b'/>"
            + $"<stanza-id xmlns='urn:xmpp:sid:0' by='{MucServer.Room}' id='forged'/><stanza-id xmlns='urn:xmpp:sid:0' by='other.example' id='kept'/><occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/></message>");
        foreach (var client in (Meerkat.Testing.TestClient[])[alice, owner])
        {
            var got = await client.MessageAsync("hi");
            Assert.Equal(($"{MucServer.Room}/al", "m1", "groupchat", client.Jid), (got.Attribute("from"), got.Attribute("id"), got.Attribute("type"), got.Attribute("to")));
            Assert.Equal(["body", "replace", "reply", "stanza-id", "occupant-id", "stanza-id"], got.Children.Select(child => child.Name));
            Assert.DoesNotContain("forged", got.ToString());
            Assert.Equal(MucServer.Room, got.Children[^1].Attribute("by"));
        }

        await alice.SendAsync($"<message type='chat' to='{MucServer.Room}'><body>x</body></message>");
        (await alice.ReceiveAsync()).IsError("not-acceptable", "modify");
        await alice.SendAsync($"<message to='{MucServer.Room}'><body>x</body></message>");
        (await alice.ReceiveAsync()).IsError("not-acceptable", "modify");
    }

    [Fact] // MUC-040, MUC-066
    public async Task A_visitor_asks_for_voice_and_gets_it()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "members_by_default=0");
        await using var alice = await server.ConnectAsync("alice", "pc");
        await alice.JoinAsync("al");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>x</body></message>");
        (await alice.ReceiveAsync()).IsError("forbidden", "auth");
        await alice.SendAsync($"<message to='{MucServer.Room}'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field><field var='muc#role'><value>moderator</value></field></x></message>");
        (await alice.ReceiveAsync()).IsError("bad-request", "modify");
        await alice.SendAsync($"<message to='{MucServer.Room}'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field><field var='muc#role'><value>participant</value></field></x></message>");
        var request = await owner.ReceiveAsync(element => element.Name == "message" && element.Child("x", Ns.DataForms) is not null);
        Assert.Contains("<value>al</value>", request.ToString());
        Assert.Contains(alice.Jid, request.ToString());
        var approval = $"<message to='{MucServer.Room}'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field><field var='muc#role'><value>participant</value></field><field var='muc#roomnick'><value>al</value></field><field var='muc#request_allow'><value>true</value></field></x></message>";
        await alice.SendAsync(approval);
        (await alice.ReceiveAsync()).IsError("not-allowed", "cancel");
        await owner.SendAsync(approval);
        Assert.Equal("participant", (await alice.PresenceOfAsync("al")).Item().Attribute("role"));
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>thanks</body></message>");
        await owner.MessageAsync("thanks");
    }

    [Fact] // MUC-026, MUC-042
    public async Task The_subject_is_changed_by_those_who_may_and_shown_to_newcomers()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { HistorySize = 0 });
        await using var owner = await server.CreateAsync("owner", "owner", "changesubject=0");
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><subject>mine</subject><body>b</body></message>");
        var refused = await alice.ReceiveAsync();
        refused.IsError("forbidden", "auth");
        Assert.Equal($"{MucServer.Room}/al", refused.Attribute("from"));
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><subject>ours</subject></message>");
        Assert.Equal("ours", (await alice.ReceiveAsync(element => element.Child("subject") is not null)).ChildText("subject"));
        await using var late = await server.ConnectAsync();
        var shown = (await late.JoinAsync("late"))[^1];
        Assert.Equal(("ours", $"{MucServer.Room}/owner"), (shown.ChildText("subject"), shown.Attribute("from")));
        Assert.Equal(MucServer.Room, shown.Child("delay", Ns.Delay)!.Value.Attribute("from"));
    }

    [Fact] // MUC-044
    public async Task A_private_message_reaches_its_occupant_alone()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice", "pc");
        await using var out1 = await server.ConnectAsync("out");
        await alice.JoinAsync("al");
        await alice.SendAsync($"<message type='chat' to='{MucServer.Room}/owner' id='p1'><body>psst</body></message>");
        var got = await owner.MessageAsync("psst");
        Assert.Equal(($"{MucServer.Room}/al", "p1", "chat"), (got.Attribute("from"), got.Attribute("id"), got.Attribute("type")));
        Assert.NotNull(got.Child("x", Ns.MucUser));
        await out1.SendAsync($"<message type='chat' to='{MucServer.Room}/owner'><body>x</body></message>");
        (await out1.ReceiveAsync()).IsError("not-acceptable", "modify");
        await alice.SendAsync($"<message type='chat' to='{MucServer.Room}/nobody'><body>x</body></message>");
        (await alice.ReceiveAsync()).IsError("item-not-found", "cancel");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}/owner'><body>x</body></message>");
        (await alice.ReceiveAsync()).IsError("bad-request", "modify");
        await owner.ConfigureAsync("allow_private_messages=0");
        await alice.SendAsync($"<message type='chat' to='{MucServer.Room}/owner'><body>x</body></message>");
        (await alice.ReceiveAsync()).IsError("forbidden", "auth");
    }

    [Fact] // MUC-045, MUC-047, XEP-0410
    public async Task Requests_pass_between_occupants_and_a_ping_to_oneself_is_the_rooms()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice", "pc");
        var ping = $"<iq type='get' to='{MucServer.Room}/al'><ping xmlns='urn:xmpp:ping'/></iq>";
        (await alice.AskAsync(ping)).IsError("not-acceptable", "cancel");
        await alice.JoinAsync("al");
        Assert.Equal("result", (await alice.AskAsync(ping)).Attribute("type"));

        await alice.SendAsync($"<iq type='get' id='v1' to='{MucServer.Room}/owner'><query xmlns='jabber:iq:version'/></iq>");
        var asked = await owner.ReceiveAsync(element => element.Name == "iq");
        Assert.Equal(($"{MucServer.Room}/al", "v1"), (asked.Attribute("from"), asked.Attribute("id")));
        await owner.SendAsync($"<iq type='result' id='v1' to='{MucServer.Room}/al'><query xmlns='jabber:iq:version'><name>n</name></query></iq>");
        var answer = await alice.ReceiveAsync(element => element.Name == "iq");
        Assert.Equal(($"{MucServer.Room}/owner", "v1", "result"), (answer.Attribute("from"), answer.Attribute("id"), answer.Attribute("type")));

        (await alice.AskAsync($"<iq type='get' to='{MucServer.Room}/nobody'><query xmlns='jabber:iq:version'/></iq>")).IsError("item-not-found", "cancel");
        // No vCards are kept on this server: who answers is the server, for the account, and it finds the way back by the id.
        var vcard = await alice.AskAsync($"<iq type='get' to='{MucServer.Room}/owner'><vCard xmlns='vcard-temp'/></iq>");
        Assert.Equal(($"{MucServer.Room}/owner", "error"), (vcard.Attribute("from"), vcard.Attribute("type")));
        await owner.ConfigureAsync("allow_query_users=0");
        (await alice.AskAsync($"<iq type='get' to='{MucServer.Room}/owner'><query xmlns='jabber:iq:version'/></iq>")).IsError("not-allowed", "cancel");
    }

    [Fact] // MUC-043
    public async Task Who_answers_with_errors_is_not_there_any_more()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await alice.SendAsync($"<message type='error' to='{MucServer.Room}/owner'><error type='cancel'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        await owner.ReceiveAsync(element => element.Attribute("type") == "error"); // passed on: that condition does not say so
        await alice.SendAsync($"<message type='error' to='{MucServer.Room}'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        Assert.Contains("gone", (await owner.PresenceOfAsync("al", "unavailable")).ChildText("status"));
    }

    [Fact] // MUC-051; without mod_presence's word too, the room learns of the end of a session
    public async Task A_session_that_ends_leaves_its_rooms()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await alice.DropAsync();
        await owner.PresenceOfAsync("al", "unavailable");
        await using var again = await server.ConnectAsync("alice");
        await again.JoinAsync("al");
    }

    [Fact] // MUC-046
    public async Task A_message_too_early_waits_and_a_second_one_is_refused()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MinMessageInterval = TimeSpan.FromSeconds(10) });
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        foreach (var n in (int[])[1, 2, 3])
        {
            await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>{n}</body></message>");
        }

        await alice.MessageAsync("1");
        (await alice.ReceiveAsync()).IsError("resource-constraint", "wait");
        await owner.MessageAsync("1");
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>mine</body></message>"); // nobody else waits
        await owner.MessageAsync("mine");
        server.Time.Advance(TimeSpan.FromSeconds(10));
        await owner.MessageAsync("2");
        await owner.ExpectNothingAsync();
    }

    [Fact] // MUC-046
    public async Task A_presence_too_early_waits_and_the_last_one_counts()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MinPresenceInterval = TimeSpan.FromSeconds(10) });
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await owner.PresenceOfAsync("al");
        foreach (var show in (string[])["away", "xa", "dnd"])
        {
            await alice.SendAsync($"<presence to='{MucServer.Room}/al'><show>{show}</show></presence>");
        }

        Assert.Equal("away", (await owner.PresenceOfAsync("al")).ChildText("show"));
        await alice.AskAsync($"<iq type='get' to='{MucServer.Room}/al'><ping xmlns='urn:xmpp:ping'/></iq>");
        server.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("dnd", (await owner.PresenceOfAsync("al")).ChildText("show"));
    }

    [Fact] // XEP-0425
    public async Task A_moderator_takes_back_what_another_said()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>bad words</body></message>");
        var id = (await alice.MessageAsync("bad words")).Children[^1].Attribute("id");
        var request = $"<iq type='set' to='{MucServer.Room}'><moderate xmlns='urn:xmpp:message-moderate:1' id='{id}'><retract xmlns='urn:xmpp:message-retract:1'/><reason>rude</reason></moderate></iq>";
        (await alice.AskAsync(request)).IsError("forbidden", "auth");
        Assert.Equal("result", (await owner.AskAsync(request)).Attribute("type"));
        var told = (await alice.ReceiveAsync(element => element.Child("retract", "urn:xmpp:message-retract:1") is not null));
        Assert.Equal(MucServer.Room, told.Attribute("from"));
        var retract = told.Child("retract", "urn:xmpp:message-retract:1")!.Value;
        Assert.Equal((id, "rude"), (retract.Attribute("id"), retract.ChildText("reason")));
        Assert.Equal($"{MucServer.Room}/owner", retract.Child("moderated", Ns.Moderate)!.Value.Attribute("by"));

        await using var late = await server.ConnectAsync();
        var history = string.Concat(await late.JoinAsync("late"));
        Assert.DoesNotContain("bad words", history);
        Assert.Contains("retracted", history);
    }

    [Fact] // MUC-014
    public async Task A_service_admin_speaks_to_all_rooms()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { AccessAdmin = "muc_admin" }, with =>
        {
            with.Acl["boss"] = [new() { User = "boss" }];
            with.Access["muc_admin"] = [new() { Acl = "boss", Value = Core.Access.AccessValue.Allow }];
        });
        await using var owner = await server.CreateAsync();
        await using var boss = await server.ConnectAsync("boss");
        await owner.SendAsync($"<message to='{MucServer.Service}'><body>hear me</body></message>");
        (await owner.ReceiveAsync()).IsError("forbidden", "auth");
        await boss.SendAsync($"<message to='{MucServer.Service}'><body>maintenance</body></message>");
        var told = await owner.MessageAsync("maintenance");
        Assert.Equal((MucServer.Room, "groupchat"), (told.Attribute("from"), told.Attribute("type")));
        await boss.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>in the room</body></message>"); // MUC-040
        Assert.Equal(MucServer.Room, (await owner.MessageAsync("in the room")).Attribute("from"));
        (await owner.AdminAsync("<item jid='boss@example.test' affiliation='outcast'/>")).IsError("not-allowed", "cancel"); // MUC-062, MUC-072
    }
}
