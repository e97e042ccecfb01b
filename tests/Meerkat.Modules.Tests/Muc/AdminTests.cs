using Meerkat.Modules.Muc;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>Moderators, admins and owners at work (MUC-001 to MUC-006, MUC-060 to MUC-083).</summary>
public sealed class AdminTests
{
    [Fact] // MUC-063, MUC-064
    public async Task A_kick_removes_and_says_why()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.JoinAsync("al");
        await bob.JoinAsync("bob");
        (await alice.AdminAsync("<item nick='bob' role='none'/>")).IsError("not-allowed", "cancel");
        (await owner.AdminAsync("<item nick='nobody' role='none'/>")).IsError("not-acceptable", "modify");
        (await owner.AdminAsync("<item nick='bob' role='king'/>")).IsError("bad-request", "modify");
        (await owner.AdminAsync("<item role='none'/>")).IsError("bad-request", "modify");
        Assert.Equal("result", (await owner.AdminAsync("<item nick='bob' role='none'><reason>out</reason></item>")).Attribute("type"));
        var own = await bob.PresenceOfAsync("bob", "unavailable");
        Assert.Equal(["110", "307"], own.Codes());
        Assert.Equal(("none", "out"), (own.Item().Attribute("role"), own.Item().ChildText("reason")));
        Assert.Null(own.Item().Child("actor"));
        Assert.Equal(["307"], (await alice.PresenceOfAsync("bob", "unavailable")).Codes());
        await bob.JoinAsync("bob"); // he may come back
    }

    [Fact] // MUC-061: all or none
    public async Task A_request_with_one_item_that_may_not_be_changes_nothing()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        (await owner.AdminAsync("<item jid='a@example.test' affiliation='member'/><item jid='@' affiliation='member'/>")).IsError("not-acceptable", "modify");
        (await owner.AdminAsync("<item jid='a@example.test' affiliation='member'/><item jid='b@example.test' affiliation='king'/>")).IsError("not-acceptable", "modify");
        var members = await owner.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member'/></query></iq>");
        Assert.Empty(members.FirstChild!.Value.Children);
        (await owner.AdminAsync("<item jid='owner@example.test' affiliation='admin'/>")).IsError("conflict", "cancel"); // MUC-062: the sole owner
    }

    [Fact] // MUC-062, MUC-064, MUC-065
    public async Task A_ban_keeps_out_and_lists_tell_of_it()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.JoinAsync("al");
        await bob.JoinAsync("bob");
        (await alice.AdminAsync("<item jid='bob@example.test' affiliation='outcast'/>")).IsError("forbidden", "auth");
        await owner.AdminAsync("<item jid='alice@example.test' affiliation='admin'/>");
        var promoted = (await alice.PresenceOfAsync("al")).Item();
        Assert.Equal(("admin", "moderator"), (promoted.Attribute("affiliation"), promoted.Attribute("role")));
        (await alice.AdminAsync("<item jid='owner@example.test' affiliation='outcast'/>")).IsError("not-allowed", "cancel");
        await alice.AdminAsync("<item nick='bob' affiliation='outcast'><reason>spam</reason></item>");
        var own = await bob.PresenceOfAsync("bob", "unavailable");
        Assert.Equal(["110", "301"], own.Codes());
        Assert.Equal("outcast", own.Item().Attribute("affiliation"));
        await bob.SendJoinAsync("bob");
        (await bob.ReceiveAsync()).IsError("forbidden", "auth");
        var banned = await alice.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast'/></query></iq>");
        Assert.Contains("bob@example.test", banned.ToString());
        Assert.Contains("spam", banned.ToString());
    }

    [Fact] // MUC-060
    public async Task Lists_are_for_those_who_may_see_them()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        const string Members = $"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='owner'/></query></iq>";
        const string Moderators = $"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#admin'><item role='moderator'/></query></iq>";
        (await alice.AskAsync(Members)).IsError("forbidden", "auth");
        (await alice.AskAsync(Moderators)).IsError("forbidden", "auth");
        Assert.Contains("nick='owner'", (await owner.AskAsync(Moderators)).ToString());
        await owner.ConfigureAsync("getmemberlist=participant");
        Assert.Contains("owner@example.test", (await alice.AskAsync(Members)).ToString());
        (await owner.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='king'/></query></iq>")).IsError("bad-request", "modify");
    }

    [Fact] // MUC-001, MUC-002, MUC-003, MUC-070
    public async Task The_form_has_its_fields_in_order_and_takes_nothing_else()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MaxRoomName = 3 });
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        const string Get = $"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>";
        (await alice.AskAsync(Get)).IsError("forbidden", "auth");
        Assert.True(DataForm.TryRead((await owner.AskAsync(Get)).FirstChild!.Value.FirstChild!.Value, out var form));
        Assert.Equal(
            "FORM_TYPE roomname roomdesc persistentroom publicroom public_list passwordprotectedroom roomsecret getmemberlist maxusers whois membersonly moderatedroom members_by_default changesubject "
            + "allow_private_messages allow_query_users allowinvites allowmultisessions allowvisitorstatus allowvisitornickchange lang",
            string.Join(' ', form.Fields.Select(field => field.Var!.Replace("muc#roomconfig_", "", StringComparison.Ordinal))));
        Assert.Equal(Ns.MucRoomConfig, form.FormType);
        foreach (var (field, value, condition) in ((string, string, string)[])[("muc#roomconfig_unknown", "1", "bad-request"), ("public_list", "maybe", "bad-request"), ("muc#roomconfig_maxusers", "0", "bad-request"),
            ("muc#roomconfig_whois", "nobody", "bad-request"), ("muc#roomconfig_enablelogging", "1", "not-acceptable"), ("muc#roomconfig_roomname", "long", "not-acceptable"), ("muc#roomconfig_passwordprotectedroom", "1", "not-acceptable")])
        {
            (await owner.AskAsync($"<iq type='set' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='{field}'><value>{value}</value></field></x></query></iq>")).IsError(condition, "modify");
        }
    }

    [Fact] // MUC-005
    public async Task A_changed_configuration_is_felt()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await owner.ConfigureAsync("whois=anyone");
        Assert.Equal(["172"], (await alice.ReceiveAsync(element => element.Name == "message")).Codes());
        await owner.ConfigureAsync("whois=moderators");
        Assert.Equal(["173"], (await alice.ReceiveAsync(element => element.Name == "message")).Codes());
        await owner.ConfigureAsync("roomname=Cave");
        await alice.ExpectNothingAsync();
        await owner.ConfigureAsync("membersonly=1");
        Assert.Equal(["110", "322"], (await alice.PresenceOfAsync("al", "unavailable")).Codes());
    }

    [Fact] // MUC-071
    public async Task A_destroyed_room_says_where_to_go()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1");
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        const string Destroy = $"<iq type='set' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy jid='new@{MucServer.Service}'><reason>moved</reason><password>p</password></destroy></query></iq>";
        (await alice.AskAsync(Destroy)).IsError("forbidden", "auth");
        Assert.Equal("result", (await owner.AskAsync(Destroy)).Attribute("type"));
        var told = await alice.PresenceOfAsync("al", "unavailable");
        var destroy = told.Child("x", Ns.MucUser)!.Value.Child("destroy")!.Value;
        Assert.Equal(("new@" + MucServer.Service, "moved", "p"), (destroy.Attribute("jid"), destroy.ChildText("reason"), destroy.ChildText("password")));
        Assert.Equal(("none", "none"), (told.Item().Attribute("affiliation"), told.Item().Attribute("role")));
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>x</body></message>");
        (await alice.ReceiveAsync()).IsError("item-not-found", "cancel");
        Assert.Contains("201", (await alice.JoinAsync("al"))[0].Codes()); // it may be made anew, by anybody
    }

    [Fact] // MUC-064, MUC-080, MUC-081, MUC-083
    public async Task Invitations_go_through_the_room()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "membersonly=1", "passwordprotectedroom=1", "roomsecret=pw");
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await owner.SendAsync($"<message to='{MucServer.Room}'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='alice@example.test'><reason>come</reason></invite></x></message>");
        var invitation = await alice.ReceiveAsync(element => element.Name == "message");
        var x = invitation.Child("x", Ns.MucUser)!.Value;
        Assert.Equal((MucServer.Room, owner.Jid, "come", "pw"), (invitation.Attribute("from"), x.Child("invite")!.Value.Attribute("from"), x.Child("invite")!.Value.ChildText("reason"), x.ChildText("password")));
        await alice.JoinAsync("al", inside: "<password>pw</password>"); // a member now
        await alice.SendAsync($"<message to='{MucServer.Room}'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='bob@example.test'/></x></message>");
        (await alice.ReceiveAsync()).IsError("forbidden", "auth");
        await owner.SendAsync($"<message to='{MucServer.Room}'><x xmlns='http://jabber.org/protocol/muc#user'><invite/></x></message>");
        (await owner.ReceiveAsync(element => element.Attribute("type") == "error")).IsError("bad-request", "modify");
        await owner.SendAsync($"<message to='{MucServer.Room}'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='@'/></x></message>");
        (await owner.ReceiveAsync(element => element.Attribute("type") == "error")).IsError("jid-malformed", "modify");
        await bob.SendAsync($"<message to='{MucServer.Room}'><x xmlns='http://jabber.org/protocol/muc#user'><decline to='{owner.Jid}'><reason>no</reason></decline></x></message>");
        var declined = (await owner.ReceiveAsync(element => element.Name == "message")).Child("x", Ns.MucUser)!.Value.Child("decline")!.Value;
        Assert.Equal(("bob@example.test", "no"), (declined.Attribute("from"), declined.ChildText("reason")));
    }

    [Fact] // XEP-0317
    public async Task A_hat_is_made_worn_and_taken_away()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        string Command(string name, string fields) => $"<iq type='set' to='{MucServer.Room}'><command xmlns='http://jabber.org/protocol/commands' node='urn:xmpp:hats:commands:{name}'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:hats:commands</value></field>{fields}</x></command></iq>";
        const string Uri = "<field var='hats#uri'><value>h:teacher</value></field>";
        (await alice.AskAsync(Command("create", Uri + "<field var='hats#title'><value>Teacher</value></field>"))).IsError("forbidden", "auth");
        (await owner.AskAsync(Command("create", Uri + "<field var='hats#title'><value>Teacher</value></field><field var='hats#hue'><value>NaN</value></field>"))).IsError("bad-request", "modify");
        Assert.Contains("completed", (await owner.AskAsync(Command("create", Uri + "<field var='hats#title'><value>Teacher</value></field>"))).ToString());
        Assert.Equal(["104"], (await alice.ReceiveAsync(element => element.Name == "message")).Codes());
        Assert.Contains("completed", (await owner.AskAsync(Command("assign", Uri + $"<field var='hats#jid'><value>{MucServer.Room}/al</value></field>"))).ToString());
        Assert.Contains("title='Teacher'", (await alice.PresenceOfAsync("al")).ToString());
        await owner.AskAsync(Command("destroy", Uri));
        Assert.DoesNotContain("Teacher", (await alice.PresenceOfAsync("al")).ToString());
    }

    [Fact] // XEP-0486
    public async Task An_owner_gives_the_room_an_avatar()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        const string Set = $"<iq type='set' to='{MucServer.Room}'><vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE><BINVAL>AQID</BINVAL></PHOTO></vCard></iq>";
        (await alice.AskAsync(Set)).IsError("forbidden", "auth");
        Assert.Equal("result", (await owner.AskAsync(Set)).Attribute("type"));
        Assert.Equal(["104"], (await alice.ReceiveAsync(element => element.Name == "message")).Codes());
        Assert.Contains("AQID", (await alice.AskAsync($"<iq type='get' to='{MucServer.Room}'><vCard xmlns='vcard-temp'/></iq>")).ToString());
        Assert.Contains("7037807198c22a7d2b0807371d763779a84fdfcf", (await alice.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).ToString()); // sha1 of 01 02 03
        await owner.AskAsync($"<iq type='set' to='{MucServer.Room}'><vCard xmlns='vcard-temp'><PHOTO><BINVAL>AQID</BINVAL></PHOTO><PHOTO><BINVAL>AQI=</BINVAL></PHOTO></vCard></iq>");
        Assert.Contains( // §4: every form of it has its hash
            "<value>7037807198c22a7d2b0807371d763779a84fdfcf</value><value>0ca623e2855f2c75c842ad302fe820e41b4d197d</value>",
            (await alice.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).ToString());
    }

    [Fact] // XEP-0045 §7.10, §15.3
    public async Task A_room_says_that_one_may_register_to_those_who_may()
    {
        const string Ask = $"<iq type='get' to='{MucServer.Room}'><query xmlns='{Ns.DiscoInfo}'/></iq>";
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.ConnectAsync("owner", "pc");
        await owner.JoinAsync("owner");
        Assert.DoesNotContain(Ns.MucRegister, (await owner.AskAsync(Ask)).ToString()); // locked: it does not exist yet
        await owner.ConfigureAsync();
        await using var alice = await server.ConnectAsync("alice");
        foreach (var feature in (string[])[Ns.Register, Ns.MucRegister])
        {
            Assert.Contains($"var='{feature}'", (await alice.AskAsync(Ask)).ToString());
        }

        await owner.AdminAsync("<item jid='alice@example.test' affiliation='outcast'/>");
        Assert.DoesNotContain(Ns.Register, (await alice.AskAsync(Ask)).ToString());
        (await alice.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='{Ns.Register}'/></iq>")).IsError("not-allowed", "cancel");
    }

    [Fact] // MUC-067, XEP-0045 §7.10, §9.9
    public async Task Members_are_registered_by_themselves_or_by_an_admin()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        Assert.Contains("muc#register_roomnick", (await alice.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='jabber:iq:register'/></iq>")).ToString());
        await alice.AskAsync($"<iq type='set' to='{MucServer.Room}'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='muc#register_roomnick'><value>al</value></field></x></query></iq>");
        var request = await owner.ReceiveAsync(element => element.Name == "message" && element.Child("x", Ns.DataForms) is not null);
        Assert.Contains("alice@example.test", request.ToString());
        await owner.SendAsync($"<message to='{MucServer.Room}'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field><field var='muc#register_jid'><value>alice@example.test</value></field><field var='muc#register_roomnick'><value>al</value></field><field var='muc#register_allow'><value>1</value></field></x></message>");
        await owner.AdminAsync("<item jid='bob@example.test' affiliation='member' nick='bobby'/>");
        Assert.Contains("name='al'", (await alice.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/></iq>")).ToString());
        await alice.SendJoinAsync("bobby");
        (await alice.ReceiveAsync()).IsError("conflict", "cancel");
        Assert.Equal("member", (await alice.JoinAsync("al"))[1].Item().Attribute("affiliation"));
        (await alice.AdminAsync("<item jid='x@example.test' affiliation='none' nick='x'/>")).IsError("forbidden", "auth");
        (await owner.AdminAsync("<item jid='x@example.test' affiliation='none' nick='bobby'/>")).IsError("conflict", "cancel");
    }
}
