using Meerkat.Modules.Muc;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>The service, discovery, and what lasts (MUC-011 to MUC-015, MUC-052, MUC-090 to MUC-105).</summary>
public sealed class ServiceTests
{
    [Fact] // MUC-011, MUC-013
    public async Task The_service_says_what_it_is()
    {
        await using var server = await MucServer.StartAsync();
        await using var client = await server.ConnectAsync();
        var info = (await client.AskAsync($"<iq type='get' to='{MucServer.Service}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).ToString();
        foreach (var part in (string[])["category='conference'", "type='text'", Ns.DiscoInfo, Ns.DiscoItems, $"'{Ns.Muc}'", Ns.MucUnique, Ns.Register, Ns.ResultSet, Ns.VCard, Ns.Conference])
        {
            Assert.Contains(part, info);
        }

        Assert.NotEmpty((await client.AskAsync($"<iq type='get' to='{MucServer.Service}'><unique xmlns='http://jabber.org/protocol/muc#unique'/></iq>")).FirstChild!.Value.Text);
        Assert.Contains("FN", (await client.AskAsync($"<iq type='get' to='{MucServer.Service}'><vCard xmlns='vcard-temp'/></iq>")).ToString());
        (await client.AskAsync($"<iq type='get' to='{MucServer.Service}'><query xmlns='unknown'/></iq>")).IsError("feature-not-implemented", "cancel");
        (await client.AskAsync($"<iq type='get' to='{MucServer.Service}/nick'><query xmlns='{Ns.DiscoInfo}'/></iq>")).IsError("item-not-found", "cancel");
        await client.SendAsync($"<presence to='{MucServer.Service}'/>");
        await client.ExpectNothingAsync();
    }

    [Fact] // MUC-082, XEP-0249
    public async Task A_direct_invitation_passes_untouched()
    {
        await using var server = await MucServer.StartAsync(configure: with => with.Module<Meerkat.Modules.Disco.DiscoModule>());
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        const string Invitation = $"<x xmlns='jabber:x:conference' jid='{MucServer.Room}' password='cauldron' reason='come' continue='true' thread='t1'/>";
        await alice.SendAsync($"<message to='{bob.Jid}' id='i'>{Invitation}</message>");
        var got = await bob.ReceiveAsync();
        Assert.Equal((alice.Jid, 1), (got.Attribute("from"), got.Children.Count));
        Assert.Equal(Invitation, got.FirstChild!.Value.ToString());
        Assert.Contains(Ns.Conference, (await alice.AskAsync($"<iq type='get' to='example.test'><query xmlns='{Ns.DiscoInfo}'/></iq>")).ToString());
    }

    [Fact] // MUC-012
    public async Task Rooms_are_listed_as_they_may_be_seen()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "publicroom=0", "persistentroom=1");
        await using var client = await server.ConnectAsync();
        foreach (var name in (string[])["b", "a", "c"])
        {
            await client.JoinAsync("me", $"{name}@{MucServer.Service}");
            await client.AskAsync($"<iq type='set' to='{name}@{MucServer.Service}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
        }

        var items = (await client.AskAsync($"<iq type='get' to='{MucServer.Service}'><query xmlns='{Ns.DiscoItems}'/></iq>")).FirstChild!.Value;
        Assert.Equal(["a (1)", "b (1)", "c (1)"], items.Children.Select(item => item.Attribute("name")));
        Assert.Contains("room (private, 1)", (await owner.AskAsync($"<iq type='get' to='{MucServer.Service}'><query xmlns='{Ns.DiscoItems}'/></iq>")).ToString());
        await owner.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/owner'/>");
        await owner.ReceiveAsync(element => element.Name == "presence");
        server.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.DoesNotContain(MucServer.Room, (await client.AskAsync($"<iq type='get' to='{MucServer.Service}'><query xmlns='{Ns.DiscoItems}'/></iq>")).ToString()); // stopped, and hidden still

        async Task<string> PageAsync(string set)
        {
            var query = (await client.AskAsync($"<iq type='get' to='{MucServer.Service}'><query xmlns='{Ns.DiscoItems}'><set xmlns='{Ns.ResultSet}'>{set}</set></query></iq>")).FirstChild!.Value;
            return string.Join(',', query.Children.Where(item => item.Name == "item").Select(item => item.Attribute("jid")![..1])) + " " + query.Child("set", Ns.ResultSet)!.Value.ChildText("count");
        }

        Assert.Equal("a,b 3", await PageAsync("<max>2</max>"));
        Assert.Equal("c 3", await PageAsync($"<max>2</max><after>b@{MucServer.Service}</after>"));
        Assert.Equal("a 3", await PageAsync($"<max>2</max><before>b@{MucServer.Service}</before>"));
        Assert.Equal("c 3", await PageAsync("<max>1</max><before/>"));
        Assert.Equal("b 3", await PageAsync("<max>1</max><index>1</index>"));
        Assert.Equal(" 3", await PageAsync("<max>1</max><index>9</index>"));
    }

    [Fact] // MUC-015
    public async Task A_registered_nick_is_nobody_elses()
    {
        await using var server = await MucServer.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        string Register(string nick) => $"<iq type='set' to='{MucServer.Service}'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='nick'><value>{nick}</value></field></x></query></iq>";
        Assert.DoesNotContain("registered", (await alice.AskAsync($"<iq type='get' to='{MucServer.Service}'><query xmlns='jabber:iq:register'/></iq>")).FirstChild!.Value.Children.Select(child => child.Name));
        Assert.Equal("result", (await alice.AskAsync(Register("witch"))).Attribute("type"));
        Assert.Contains("registered", (await alice.AskAsync($"<iq type='get' to='{MucServer.Service}'><query xmlns='jabber:iq:register'/></iq>")).FirstChild!.Value.Children.Select(child => child.Name));
        (await bob.AskAsync(Register("witch"))).IsError("conflict", "cancel");
        (await bob.AskAsync(Register(""))).IsError("not-acceptable", "modify");
        (await bob.AskAsync($"<iq type='set' to='{MucServer.Service}'><query xmlns='jabber:iq:register'/></iq>")).IsError("bad-request", "modify");
        await bob.SendJoinAsync("witch");
        (await bob.ReceiveAsync()).IsError("conflict", "cancel");
        await alice.JoinAsync("witch");
        foreach (var _ in (int[])[1, 2])
        {
            Assert.Equal("result", (await alice.AskAsync($"<iq type='set' to='{MucServer.Service}'><query xmlns='jabber:iq:register'><remove/></query></iq>")).Attribute("type"));
        }

        Assert.Equal("result", (await bob.AskAsync(Register("witch"))).Attribute("type"));
    }

    [Fact] // MUC-090, MUC-091
    public async Task A_room_says_what_it_is_and_who_is_in_it()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "roomname=The Cave", "roomdesc=dark", "public_list=0");
        await using var client = await server.ConnectAsync();
        var info = (await client.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='{Ns.DiscoInfo}'/></iq>")).ToString();
        foreach (var part in (string[])["name='The Cave'", Ns.MucStableId, Ns.MucSelfPing, Ns.OccupantId, Ns.Moderate, Ns.Hats, "muc_public", "muc_temporary", "muc_open", "muc_semianonymous", "muc_moderated", "muc_unsecured",
            "muc#roominfo_description", "<value>dark</value>", "muc#roominfo_occupants", "<value>1</value>"])
        {
            Assert.Contains(part, info);
        }

        const string Items = $"<iq type='get' to='{MucServer.Room}'><query xmlns='{Ns.DiscoItems}'/></iq>";
        (await client.AskAsync(Items)).IsError("forbidden", "auth");
        Assert.Contains($"jid='{MucServer.Room}/owner'", (await owner.AskAsync(Items)).ToString());
        (await client.AskAsync($"<iq type='set' to='{MucServer.Room}'><query xmlns='{Ns.DiscoItems}'/></iq>")).IsError("not-allowed", "cancel");
        (await client.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='unknown'/></iq>")).IsError("feature-not-implemented", "cancel");
    }

    [Fact] // XEP-0045 §6.4, §15.5: muc#roominfo
    public async Task A_room_tells_its_language_and_its_owners_to_those_who_may_know()
    {
        const string Ask = $"<iq type='get' to='{MucServer.Room}'><query xmlns='{Ns.DiscoInfo}'/></iq>";
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "roomdesc=dark", "lang=de-AT");
        await owner.AdminAsync("<item jid='second@example.test' affiliation='owner'/>");
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><subject>otters</subject></message>");
        await owner.ReceiveAsync(element => element.ChildText("subject") == "otters");
        await using var client = await server.ConnectAsync();

        var stranger = RoomInfo(await client.AskAsync(Ask));
        Assert.Equal(("de-AT", "otters", "1", "1"), (stranger["muc#roominfo_lang"], stranger["muc#roominfo_subject"], stranger["muc#roominfo_subjectmod"], stranger["muc#roominfo_occupants"]));
        Assert.DoesNotContain("muc#roominfo_contactjid", stranger.Keys);
        Assert.DoesNotContain("muc#roominfo_logs", stranger.Keys);
        Assert.Equal("owner@example.test second@example.test", RoomInfo(await owner.AskAsync(Ask))["muc#roominfo_contactjid"]);

        await owner.ConfigureAsync("whois=anyone", "lang=", "changesubject=0");
        stranger = RoomInfo(await client.AskAsync(Ask));
        Assert.Equal(("owner@example.test second@example.test", "0"), (stranger["muc#roominfo_contactjid"], stranger["muc#roominfo_subjectmod"]));
        Assert.DoesNotContain("muc#roominfo_lang", stranger.Keys);
    }

    [Theory] // RFC 5646 §2.1
    [InlineData("en", true)]
    [InlineData("zh-Hant-TW", true)]
    [InlineData("", true)]
    [InlineData("e", false)]
    [InlineData("german language", false)]
    [InlineData("de-", false)]
    [InlineData("d3", false)]
    [InlineData("de-abcdefghi", false)]
    public async Task A_language_has_the_form_of_one(string language, bool isGood)
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        var answer = await owner.AskAsync($"<iq type='set' to='{MucServer.Room}'><query xmlns='{Ns.MucOwner}'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_lang'><value>{language}</value></field></x></query></iq>");
        Assert.Equal(isGood ? "result" : "error", answer.Attribute("type"));
    }

    private static Dictionary<string, string> RoomInfo(XmlElement answer) =>
        answer.FirstChild!.Value.Child("x", Ns.DataForms)!.Value.Children.ToArray().ToDictionary(field => field.Attribute("var")!, field => string.Join(' ', field.Children.Where(child => child.Name == "value").Select(value => value.Text)));

    [Fact] // MUC-100, MUC-101
    public async Task A_persistent_room_survives_with_all_that_it_is()
    {
        var store = new MemoryRoomStore();
        await using (var server = await MucServer.StartAsync(store: store))
        {
            await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1", "roomname=Cave", "members_by_default=0", "lang=fr");
            await owner.AdminAsync("<item jid='alice@example.test' affiliation='member'/>");
            await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><subject>deep</subject></message>");
            await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>remember</body></message>");
            await owner.MessageAsync("remember");
            await server.Context.AnnounceStopAsync();
            Assert.Equal(["110", "332"], (await owner.PresenceOfAsync("owner", "unavailable")).Codes()); // MUC-052
        }

        await using var next = await MucServer.StartAsync(store: store);
        await using var alice = await next.ConnectAsync("alice");
        Assert.Contains("name='Cave'", (await alice.AskAsync($"<iq type='get' to='{MucServer.Service}'><query xmlns='{Ns.DiscoItems}'/></iq>")).ToString());
        Assert.Equal("fr", RoomInfo(await alice.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='{Ns.DiscoInfo}'/></iq>"))["muc#roominfo_lang"]);
        var got = await alice.JoinAsync("al");
        Assert.Equal("member", got[0].Item().Attribute("affiliation"));
        Assert.Equal("deep", got[^1].ChildText("subject")); // its subject was in the history
        if (got[^1].Child("delay", Ns.Delay) is not null)
        {
            Assert.Equal("remember", (await alice.ReceiveAsync()).ChildText("body"));
        }

        await using var stranger = await next.ConnectAsync("stranger");
        Assert.Equal("visitor", (await stranger.JoinAsync("x"))[1].Item().Attribute("role"));
        await using var again = await next.ConnectAsync("owner");
        await again.JoinAsync("owner");
        await again.ConfigureAsync("persistentroom=0");
        Assert.Null(await store.FindAsync(BareJid.Parse(MucServer.Room), TestContext.Current.CancellationToken)); // MUC-005
    }

    [Fact] // MUC-101
    public async Task A_room_that_nobody_uses_is_not_in_memory()
    {
        await using var server = await MucServer.StartAsync();
        var owner = await server.CreateAsync("owner", "owner", "persistentroom=1");
        var rooms = ((MucModule)server.Host.Modules["mod_muc"]).Rooms;
        Assert.Equal(1, rooms.Count);
        await owner.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/owner'/>");
        await owner.PresenceOfAsync("owner", "unavailable");
        await owner.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromSeconds(80));
        Assert.Equal(1, rooms.Count);
        server.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, rooms.Count);
        await owner.JoinAsync("back");
        Assert.Equal(1, rooms.Count);
        await owner.DisposeAsync();
    }

    [Fact] // MUC-101
    public async Task An_owner_alone_does_not_keep_a_room_awake()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { HibernatedRoomCheckInterval = TimeSpan.FromMinutes(1), HibernatedRoomTimeout = TimeSpan.FromMinutes(10) });
        await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1");
        server.Time.Advance(TimeSpan.FromMinutes(9));
        await owner.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("332", (await owner.PresenceOfAsync("owner", "unavailable")).Codes());
    }

    [Fact] // MUC-101: two options, and neither needs the other
    public async Task An_empty_room_is_stopped_where_rooms_do_not_hibernate_else()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { HibernateTimeout = null, HibernatedRoomCheckInterval = TimeSpan.FromMinutes(1), HibernatedRoomTimeout = TimeSpan.FromMinutes(10) });
        await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1");
        await owner.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/owner'/>");
        await owner.PresenceOfAsync("owner", "unavailable");
        await owner.ExpectNothingAsync();
        var rooms = ((MucModule)server.Host.Modules["mod_muc"]).Rooms;
        server.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(1, rooms.Count);
        server.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, rooms.Count);
    }

    [Fact] // MUC-102, XEP-0045 §10.1.1: of all who come at once one makes the room
    public async Task A_room_that_many_make_at_once_has_one_creator()
    {
        await using var server = await MucServer.StartAsync();
        var clients = new List<Meerkat.Testing.TestClient>();
        for (var i = 0; i < 8; i++)
        {
            clients.Add(await server.ConnectAsync($"user{i}"));
        }

        await Task.WhenAll(clients.Select(client => client.SendJoinAsync("nick")));

        var creators = 0;
        foreach (var client in clients)
        {
            var answer = await client.ReceiveAsync();
            if (answer.Attribute("type") != "error")
            {
                Assert.Contains("201", answer.Codes());
                creators++;
            }
            else
            {
                answer.IsError("item-not-found", "cancel"); // MUC-017: it is locked
            }
        }

        Assert.Equal(1, creators);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact] // MUC-051: two hundred at once, and the room is gone
    public async Task Many_occupants_leave_at_once()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MaxUsers = 300 });
        var rooms = ((MucModule)server.Host.Modules["mod_muc"]).Rooms;
        var clients = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => server.ConnectAsync($"u{n}", "r")));
        async Task AllAsync(PresenceType type) => await Parallel.ForEachAsync(clients, TestContext.Current.CancellationToken, async (client, ct) => await server.Context.Router.RouteAsync(
            Presence.Create(type, FullJid.Parse(client.Jid), FullJid.Parse($"{MucServer.Room}/{client.Jid.Split('@')[0]}"), Xml.XmlElement.Parse("<x xmlns='vcard-temp:x:update'/>")), ct));
        await AllAsync(PresenceType.Available);
        Assert.Equal(1, rooms.Count);
        await AllAsync(PresenceType.Unavailable);
        Assert.Equal(0, rooms.Count);
        Assert.Empty(server.Log.Errors);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact] // MUC-068
    public async Task A_removed_account_is_nothing_in_any_room()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "membersonly=1");
        await using var alice = await server.ConnectAsync("alice");
        await owner.AdminAsync("<item jid='alice@example.test' affiliation='member'/>");
        await alice.ReceiveAsync(element => element.Name == "message");
        await alice.JoinAsync("al");
        await server.Host.Hooks.RunAsync(Core.Hooks.AccountHooks.Removing, new Core.Hooks.AccountContext(server.Host, BareJid.Parse("alice@example.test")), TestContext.Current.CancellationToken);
        Assert.Equal(["110", "321"], (await alice.PresenceOfAsync("al", "unavailable")).Codes());
    }

    [Fact] // MUC-103
    public async Task Administrators_have_their_operations()
    {
        await using var server = await MucServer.StartAsync();
        var operations = ((MucModule)server.Host.Modules["mod_muc"]).Operations;
        var ct = TestContext.Current.CancellationToken;
        var room = BareJid.Parse(MucServer.Room);
        await using var owner = await server.ConnectAsync("owner", "pc");
        await using var alice = await server.ConnectAsync("alice", "pc");
        Assert.Equal("room_not_found", (await operations.GetConfigurationAsync(room, null, ct)).Error);
        Assert.Null(await operations.CreateInstantRoomAsync(room, Jid.Parse(owner.Jid), "owner", ct));
        await operations.EnterAsync(room, FullJid.Parse(alice.Jid), "al", null, ct);
        await owner.PresenceOfAsync("al");
        Assert.Equal([("al", Role.Participant), ("owner", Role.Moderator)], (await operations.ListUsersAsync(room, null, ct)).Users!.Select(user => (user.Nick, user.Role)));
        Assert.Null((await operations.ListUsersAsync(room, BareJid.Parse("alice@example.test"), ct)).Users![1].Jid);
        Assert.Equal("new", (await operations.ChangeConfigurationAsync(room, new Dictionary<string, IReadOnlyList<string>> { ["muc#roomconfig_roomname"] = ["new"] }, null, ct)).Configuration!["title"]);
        Assert.Equal("not_allowed", (await operations.ChangeConfigurationAsync(room, new Dictionary<string, IReadOnlyList<string>>(), BareJid.Parse("alice@example.test"), ct)).Error);
        Assert.Null(await operations.SetAffiliationAsync(room, Jid.Parse("bob@example.test"), Affiliation.Admin, null, ct));
        Assert.Equal(["bob@example.test admin", "owner@example.test owner"], (await operations.ListAffiliationsAsync(room, null, null, ct)).Affiliations!.Select(entry => $"{entry.User} {entry.Affiliation.Word()}"));
        await operations.SendMessageAsync(room, FullJid.Parse(alice.Jid), "by operation", ct);
        await owner.MessageAsync("by operation");
        Assert.Equal([(MucServer.Room, "new (2)")], await operations.ListRoomsAsync(MucServer.Service, Jid.Parse(owner.Jid), ct));
        Assert.Null(await operations.SetRoleAsync(room, "al", Role.Visitor, null, ct));
        Assert.Equal("cannot_modify", await operations.SetRoleAsync(room, "nobody", Role.Visitor, null, ct));
        Assert.Null(await operations.KickAsync(room, "al", "out", null, ct));
        Assert.Equal("moderator_not_found", await operations.KickAsync(room, "al", "out", BareJid.Parse("alice@example.test"), ct));
        Assert.Null(await operations.InviteAsync(room, Jid.Parse(owner.Jid), Jid.Parse(alice.Jid), "why", ct));
        await alice.ReceiveAsync(element => element.Child("x", Ns.Conference) is not null);
        Assert.Null(await operations.DeleteAsync(room, "over", null, ct));
        Assert.Equal("room_not_found", await operations.DeleteAsync(room, "over", null, ct));
    }
}
