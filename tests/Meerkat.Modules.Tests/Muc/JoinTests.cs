using Meerkat.Modules.Muc;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>Making and entering rooms (MUC-016 to MUC-031).</summary>
public sealed class JoinTests
{
    [Fact] // MUC-004, MUC-017
    public async Task A_new_room_is_locked_until_its_creator_has_configured_it()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.ConnectAsync("owner", "pc");
        await using var other = await server.ConnectAsync("other");
        var got = await owner.JoinAsync("boss");
        Assert.Equal(["110", "201"], got[0].Codes().Order());
        Assert.Equal(("owner", "moderator"), (got[0].Item().Attribute("affiliation"), got[0].Item().Attribute("role")));

        await other.SendJoinAsync("x");
        (await other.ReceiveAsync()).IsError("item-not-found", "cancel");
        await other.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/x'/>");
        await other.ExpectNothingAsync();
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>hi</body></message>");
        (await owner.ReceiveAsync()).IsError("item-not-found", "cancel");
        Assert.Equal("result", (await owner.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).Attribute("type"));

        await owner.ConfigureAsync();
        Assert.Equal(4, (await other.JoinAsync("x")).Count + 1);
    }

    [Fact] // MUC-017: the owner's leaving, and his cancelling, destroys it
    public async Task A_locked_room_ends_with_its_creators_patience()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.ConnectAsync();
        foreach (var end in (string[])[$"<presence type='unavailable' to='{MucServer.Room}/boss'/>", $"<iq type='set' id='1' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='cancel'/></query></iq>"])
        {
            Assert.Contains("201", (await owner.JoinAsync("boss"))[0].Codes());
            await owner.SendAsync(end);
            await owner.PresenceOfAsync("boss", "unavailable");
        }

        await owner.ReceiveAsync(element => element.Name == "iq");
        Assert.Contains("201", (await owner.JoinAsync("boss"))[0].Codes());
    }

    [Fact] // MUC-026, MUC-027, XEP-0421
    public async Task A_newcomer_gets_others_then_himself_then_history_then_the_subject()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice", "pc");
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}' id='m1'><body>first</body></message>");
        await owner.MessageAsync("first");
        var got = await alice.JoinAsync("al");
        Assert.Equal(["owner", "al", "first", ""], got.Select(element => element.Name == "presence" ? element.Attribute("from")!.Split('/')[1] : element.ChildText("body")));
        Assert.Equal(["110"], got[1].Codes());
        Assert.Null(got[0].Item().Attribute("jid")); // semi-anonymous
        Assert.NotNull(got[2].Child("delay", Ns.Delay));
        Assert.Equal(MucServer.Room, got[2].Child("delay", Ns.Delay)!.Value.Attribute("from"));
        Assert.Equal($"{MucServer.Room}/owner", got[2].Attribute("from"));

        var seen = await owner.PresenceOfAsync("al");
        Assert.Equal(alice.Jid, seen.Item().Attribute("jid")); // a moderator sees it
        Assert.Equal(("none", "participant"), (seen.Item().Attribute("affiliation"), seen.Item().Attribute("role")));
        var id = seen.Child("occupant-id", Ns.OccupantId)!.Value.Attribute("id");
        Assert.Equal(id, got[1].Child("occupant-id", Ns.OccupantId)!.Value.Attribute("id"));
        Assert.NotEqual(id, got[0].Child("occupant-id", Ns.OccupantId)!.Value.Attribute("id"));
    }

    [Fact] // MUC-022, in its order
    public async Task Who_may_not_enter_is_told_why()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "membersonly=1", "passwordprotectedroom=1", "roomsecret=cauldron");
        await owner.AdminAsync("<item jid='bad@example.test' affiliation='outcast'/><item jid='good@example.test' affiliation='member'/>");
        await using var bad = await server.ConnectAsync("bad");
        await using var stranger = await server.ConnectAsync("stranger");
        await using var good = await server.ConnectAsync("good");
        await bad.SendJoinAsync("owner");
        (await bad.ReceiveAsync()).IsError("forbidden", "auth");
        await stranger.SendJoinAsync("owner");
        (await stranger.ReceiveAsync()).IsError("registration-required", "auth");
        await good.SendJoinAsync("owner");
        var refused = await good.ReceiveAsync();
        refused.IsError("conflict", "cancel");
        Assert.Equal($"{MucServer.Room}/owner", refused.Attribute("from"));
        await good.SendJoinAsync("good");
        (await good.ReceiveAsync()).IsError("not-authorized", "auth");
        await good.SendJoinAsync("good", inside: "<password>kettle</password>");
        (await good.ReceiveAsync()).IsError("not-authorized", "auth");
        await good.JoinAsync("good", inside: "<password>cauldron</password>");
    }

    [Fact] // MUC-024: the affiliation that counts here is the one with the service
    public async Task An_owner_needs_the_password_and_a_service_admin_does_not()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { AccessAdmin = "staff" }, with =>
        {
            with.Acl["boss"] = [new() { User = "boss" }];
            with.Access["staff"] = [new() { Acl = "boss", Value = Core.Access.AccessValue.Allow }];
        });
        await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1", "passwordprotectedroom=1", "roomsecret=cauldron");
        await owner.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/owner'/>");
        await owner.PresenceOfAsync("owner", "unavailable");
        await owner.SendJoinAsync("owner");
        (await owner.ReceiveAsync()).IsError("not-authorized", "auth");
        await using var boss = await server.ConnectAsync("boss");
        await boss.JoinAsync("boss");
        await owner.JoinAsync("owner", inside: "<password>cauldron</password>");
    }

    [Fact] // MUC-006, MUC-022, MUC-023
    public async Task A_full_room_lets_only_admins_in()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MaxUsers = 2, MaxUsersAdminThreshold = 1 });
        await using var owner = await server.CreateAsync("owner", "owner", "maxusers=5000");
        await owner.AdminAsync("<item jid='adm1@example.test' affiliation='admin'/><item jid='adm2@example.test' affiliation='admin'/>");
        await using var first = await server.ConnectAsync("first");
        await first.JoinAsync("first");
        await using var second = await server.ConnectAsync("second");
        await second.SendJoinAsync("second");
        (await second.ReceiveAsync()).IsError("service-unavailable", "wait");
        await using var admin = await server.ConnectAsync("adm1");
        await admin.JoinAsync("adm1");
        await using var late = await server.ConnectAsync("adm2");
        await late.SendJoinAsync("adm2");
        (await late.ReceiveAsync()).IsError("service-unavailable", "wait");
    }

    [Fact] // MUC-023
    public async Task A_user_may_be_in_so_many_rooms()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MaxUserConferences = 2 });
        await using var client = await server.ConnectAsync();
        await client.JoinAsync("me", "one@" + MucServer.Service);
        await client.JoinAsync("me", "two@" + MucServer.Service);
        await client.SendJoinAsync("me", "three@" + MucServer.Service);
        (await client.ReceiveAsync()).IsError("service-unavailable", "wait");
        await client.SendAsync($"<presence type='unavailable' to='one@{MucServer.Service}/me'/>");
        await client.ReceiveAsync();
        await client.JoinAsync("me", "three@" + MucServer.Service);
    }

    [Fact] // MUC-016, MUC-020
    public async Task A_room_is_made_by_those_who_may_with_a_name_that_is_not_too_long()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MaxRoomId = 4 });
        await using var client = await server.ConnectAsync();
        await client.SendJoinAsync("me", "cabin@" + MucServer.Service);
        (await client.ReceiveAsync()).IsError("not-allowed", "cancel");
        await client.SendAsync($"<presence to='room@{MucServer.Service}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        (await client.ReceiveAsync()).IsError("jid-malformed", "modify");

        await using var closed = await MucServer.StartAsync(new MucOptions { AccessCreate = "none" });
        await using var nobody = await closed.ConnectAsync();
        await nobody.SendJoinAsync("me");
        (await nobody.ReceiveAsync()).IsError("not-allowed", "cancel");
        await nobody.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>x</body></message>");
        (await nobody.ReceiveAsync()).IsError("item-not-found", "cancel");

        await using var members = await MucServer.StartAsync(new MucOptions { Access = "none" });
        await using var out1 = await members.ConnectAsync();
        await out1.SendJoinAsync("me");
        (await out1.ReceiveAsync()).IsError("forbidden", "auth"); // MUC-010
    }

    [Fact] // MUC-021
    public async Task A_presence_that_does_not_join_is_answered_as_to_one_who_was_thrown_out()
    {
        await using var server = await MucServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.SendAsync($"<presence to='{MucServer.Room}/me'/>");
        var answer = await client.PresenceOfAsync("me", "unavailable");
        Assert.Equal(["110", "307", "333"], answer.Codes());
        Assert.Equal(("none", "none"), (answer.Item().Attribute("affiliation"), answer.Item().Attribute("role")));
        await client.SendAsync($"<presence to='{MucServer.Room}/me'><x xmlns='vcard-temp:x:update'/></presence>"); // the older protocol
        Assert.Contains("201", (await client.UpToSubjectAsync())[0].Codes());
        await client.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>not locked</body></message>");
        await client.MessageAsync("not locked");
    }

    [Fact] // MUC-028
    public async Task Sessions_of_an_account_may_share_a_nick()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "allowmultisessions=1");
        await using var phone = await server.ConnectAsync("alice", "phone");
        await using var pc = await server.ConnectAsync("alice", "pc");
        await phone.JoinAsync("al");
        await owner.PresenceOfAsync("al");
        await pc.JoinAsync("al");
        await phone.PresenceOfAsync("al");
        await owner.PresenceOfAsync("al");
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>both</body></message>");
        await phone.MessageAsync("both");
        await pc.MessageAsync("both");
        await owner.MessageAsync("both");

        await phone.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/al'/>");
        await phone.PresenceOfAsync("al", "unavailable");
        await pc.PresenceOfAsync("al", "unavailable");
        await owner.ExpectNothingAsync(); // the nick is still there
        await pc.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/al'><status>bye</status></presence>");
        Assert.Equal("bye", (await owner.PresenceOfAsync("al", "unavailable")).ChildText("status"));
    }

    [Fact] // MUC-029, XEP-0421 §4.2, XEP-0317
    public async Task What_only_a_room_may_say_is_taken_out_of_presences()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync(
            $"<presence to='{MucServer.Room}/al'><x xmlns='http://jabber.org/protocol/muc'><password>x</password></x><x xmlns='http://jabber.org/protocol/muc#user'><item role='moderator'/></x>"
            + "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/><hats xmlns='urn:xmpp:hats:0'><hat title='King' uri='k'/></hats><show>dnd</show></presence>");
        var seen = await owner.PresenceOfAsync("al");
        Assert.Equal(["show", "x", "occupant-id"], seen.Children.Select(child => child.Name));
        Assert.NotEqual("forged", seen.Child("occupant-id", Ns.OccupantId)!.Value.Attribute("id"));
    }

    [Theory] // MUC-031: five messages a minute apart, the last just now
    [InlineData("", 5)]
    [InlineData("maxstanzas='2'", 2)]
    [InlineData("maxstanzas='0'", 0)]
    [InlineData("maxchars='0'", 0)]
    [InlineData("maxstanzas='many' seconds='-1'", 5)]
    [InlineData("seconds='130'", 3)]
    [InlineData("seconds='130' maxstanzas='2'", 2)]
    [InlineData("since='2030-01-02T03:06:00Z'", 3)]
    [InlineData("since='yesterday'", 5)]
    [InlineData("maxchars='300'", 2)]
    public async Task History_is_cut_as_the_newcomer_wants(string attributes, int expected)
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        for (var i = 1; i <= 5; i++)
        {
            await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>{i}</body></message>");
            await owner.MessageAsync($"{i}");
            server.Time.Advance(TimeSpan.FromMinutes(i < 5 ? 1 : 0));
        }

        await using var alice = await server.ConnectAsync();
        var got = await alice.JoinAsync("al", inside: $"<history {attributes}/>");
        Assert.Equal(expected, got.Count(element => element.Child("delay", Ns.Delay) is not null));
        Assert.Equal(Enumerable.Range(6 - expected, expected).Select(n => $"{n}"), got.Where(element => element.Child("delay", Ns.Delay) is not null).Select(element => element.ChildText("body")));
    }

    [Fact] // MUC-030
    public async Task History_is_so_long_and_no_longer()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { HistorySize = 3 });
        await using var owner = await server.CreateAsync("owner", "owner", "whois=anyone");
        for (var i = 0; i < 5; i++)
        {
            await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>{i}</body></message>");
        }

        await owner.MessageAsync("4");
        await using var alice = await server.ConnectAsync();
        var old = (await alice.JoinAsync("al")).Where(element => element.Child("delay", Ns.Delay) is not null).ToArray();
        Assert.Equal(["2", "3", "4"], old.Select(element => element.ChildText("body")));
        Assert.Equal(owner.Jid, old[0].Child("delay", Ns.Delay)!.Value.Attribute("from")); // non-anonymous: the real address
    }

    [Fact] // MUC-050
    public async Task A_change_of_nick_is_seen_as_one()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "members_by_default=0", "allowvisitornickchange=0");
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await alice.SendAsync($"<presence to='{MucServer.Room}/ally'/>");
        (await alice.ReceiveAsync()).IsError("not-allowed", "cancel");
        await owner.ConfigureAsync("allowvisitornickchange=1");
        await alice.SendAsync($"<presence to='{MucServer.Room}/owner'/>");
        (await alice.ReceiveAsync()).IsError("conflict", "cancel");
        await alice.SendAsync($"<presence to='{MucServer.Room}/ally'><status>s</status></presence>");
        var gone = await alice.PresenceOfAsync("al", "unavailable");
        Assert.Equal(["110", "303"], gone.Codes());
        Assert.Equal("ally", gone.Item().Attribute("nick"));
        Assert.Equal(["110"], (await alice.PresenceOfAsync("ally")).Codes());
        Assert.Equal(["303"], (await owner.PresenceOfAsync("al", "unavailable")).Codes());
        Assert.Equal("s", (await owner.PresenceOfAsync("ally")).ChildText("status"));
    }
}
