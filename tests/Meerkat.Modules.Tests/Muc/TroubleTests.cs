using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Muc;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>Rooms whose store fails, whose archive hangs, or whose users mean them no good.</summary>
public sealed class TroubleTests
{
    private static readonly BareJid s_room = BareJid.Parse(MucServer.Room);

    [Fact] // MUC-064, MUC-103: what is not stored has not happened
    public async Task What_could_not_be_stored_is_not_said_to_be_done()
    {
        var store = new TroubledRoomStore();
        await using var server = await MucServer.StartAsync(store: store);
        await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1");
        var operations = ((MucModule)server.Host.Modules["mod_muc"]).Operations;
        var ct = TestContext.Current.CancellationToken;
        store.Fails = true;
        (await owner.AdminAsync("<item jid='alice@example.test' affiliation='admin'/>")).IsError("internal-server-error", "wait");
        await Assert.ThrowsAsync<IOException>(() => operations.SetAffiliationAsync(s_room, Jid.Parse("bob@example.test"), Affiliation.Admin, null, ct));
        await Assert.ThrowsAsync<IOException>(() => operations.GetConfigurationAsync(BareJid.Parse("other@" + MucServer.Service), null, ct)); // nobody knows whether there is one
        store.Fails = false;
        Assert.Equal(["owner@example.test"], (await operations.ListAffiliationsAsync(s_room, null, null, ct)).Affiliations!.Select(entry => entry.User.ToString()));
        Assert.Single((await store.FindAsync(s_room, ct))!.Affiliations);
    }

    [Fact] // MUC-061, MUC-062, XEP-0045 §10.6: the whole of a request counts
    public async Task No_request_leaves_a_room_without_an_owner()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await owner.AdminAsync("<item jid='second@example.test' affiliation='owner'/>");
        (await owner.AdminAsync("<item jid='owner@example.test' affiliation='member'/><item jid='second@example.test' affiliation='member'/>")).IsError("conflict", "cancel");
        var handover = await owner.AdminAsync(
            "<item jid='third@example.test' affiliation='owner'/><item jid='second@example.test' affiliation='admin'/><item jid='owner@example.test' affiliation='admin'/>");
        Assert.Equal("result", handover.Attribute("type"));
    }

    [Fact] // XEP-0425 §4
    public async Task What_a_moderator_takes_back_is_not_in_the_archive_either()
    {
        await using var server = await MucServer.StartAsync(configure: with => with.Module<MamModule>(new MamOptions { Muc = new MamMucOptions() }));
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>bad words</body></message>");
        var id = (await alice.MessageAsync("bad words")).Children[^1].Attribute("id");
        string Request(string? which) => $"<iq type='set' to='{MucServer.Room}'><moderate xmlns='urn:xmpp:message-moderate:1' id='{which}'><retract xmlns='urn:xmpp:message-retract:1'/><reason>rude</reason></moderate></iq>";
        (await owner.AskAsync(Request("ABC"))).IsError("item-not-found", "cancel");
        Assert.Equal("result", (await owner.AskAsync(Request(id))).Attribute("type"));
        await alice.SendAsync($"<iq type='set' id='q' to='{MucServer.Room}'><query xmlns='{Ns.Mam}'/></iq>");
        var archived = await alice.ReceiveAsync(element => element.Child("result", Ns.Mam)?.Attribute("id") == id);
        Assert.DoesNotContain("bad words", archived.ToString());
        Assert.Contains("moderated", archived.ToString());
    }

    [Fact] // MUC-015, MUC-067: each look-up is a round trip, and the room waits for it
    public async Task A_stranger_cannot_keep_a_room_busy_with_nicks()
    {
        var store = new TroubledRoomStore();
        await using var server = await MucServer.StartAsync(store: store);
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        var before = store.NickLookups;
        (await alice.AdminAsync(string.Concat(Enumerable.Range(0, 100).Select(n => $"<item jid='u{n}@example.test' affiliation='member' nick='n{n}'/>")))).IsError("forbidden", "auth");
        Assert.Equal(before, store.NickLookups);
        var values = string.Concat(Enumerable.Range(0, 100).Select(n => $"<value>n{n}</value>"));
        await alice.AskAsync($"<iq type='set' to='{MucServer.Room}'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='muc#register_roomnick'>{values}</field></x></query></iq>");
        Assert.Equal(before + 1, store.NickLookups);
        await alice.SendAsync($"<message to='{MucServer.Room}'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field><field var='muc#register_jid'><value>alice@example.test</value></field><field var='muc#register_roomnick'>{values}</field><field var='muc#register_allow'><value>1</value></field></x></message>");
        (await alice.ReceiveAsync()).IsError("forbidden", "auth");
        Assert.Equal(before + 1, store.NickLookups);
    }

    [Fact] // MUC-015, MUC-067: a nick is a resource
    public async Task A_nick_that_looks_the_same_is_the_same_whoever_registers_it()
    {
        var store = new TroubledRoomStore();
        await using var server = await MucServer.StartAsync(store: store);
        await using var owner = await server.CreateAsync();
        await owner.AdminAsync("<item jid='alice@example.test' affiliation='member' nick='al'/>");
        (await owner.AdminAsync("<item jid='bob@example.test' affiliation='member' nick='&#xff41;l'/>")).IsError("conflict", "cancel"); // a wide a
        (await owner.AdminAsync("<item jid='bob@example.test' affiliation='member' nick='&#xe000;'/>")).IsError("not-acceptable", "modify"); // for private use
        await owner.AdminAsync("<item jid='bob@example.test' affiliation='member' nick='&#xff42;ob'/>");
        Assert.Equal("bob", await store.NickOfAsync(MucServer.Service, BareJid.Parse("bob@example.test"), TestContext.Current.CancellationToken));
        store.IsTooLate = true;
        (await owner.AdminAsync("<item jid='carol@example.test' affiliation='member' nick='carol'/>")).IsError("conflict", "cancel");
        Assert.DoesNotContain("carol", (await owner.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='{Ns.MucAdmin}'><item affiliation='member'/></query></iq>")).ToString());
    }

    [Fact] // XEP-0045 §9.1
    public async Task Nobody_bans_himself()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1");
        await using var admin = await server.ConnectAsync("admin");
        await owner.AdminAsync("<item jid='second@example.test' affiliation='owner'/><item jid='admin@example.test' affiliation='admin'/>");
        (await owner.AdminAsync("<item jid='owner@example.test' affiliation='outcast'/>")).IsError("conflict", "cancel");
        (await admin.AdminAsync("<item jid='admin@example.test' affiliation='outcast'/>")).IsError("conflict", "cancel");
        var operations = ((Meerkat.Modules.Muc.MucModule)server.Host.Modules["mod_muc"]).Operations;
        foreach (var banned in (string[])["owner@example.test", "second@example.test"])
        {
            // An administrator bans by another owner; the last one stays.
            var outcome = await operations.SetAffiliationAsync(BareJid.Parse(MucServer.Room), BareJid.Parse(banned), Meerkat.Modules.Muc.Affiliation.Outcast, null, TestContext.Current.CancellationToken);
            Assert.Equal(banned[0] == 'o' ? null : "cannot_modify", outcome);
        }
    }

    [Fact] // MUC-046: who leaves and comes back has not waited
    public async Task Leaving_does_not_shorten_the_wait()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MinMessageInterval = TimeSpan.FromSeconds(10) });
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>1</body></message>");
        await alice.MessageAsync("1");
        await alice.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/al'/>");
        await alice.PresenceOfAsync("al", "unavailable");
        await alice.SendJoinAsync("al");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>2</body></message>");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>3</body></message>");
        (await alice.ReceiveAsync(element => element.Attribute("type") == "error")).IsError("resource-constraint", "wait");
        server.Time.Advance(TimeSpan.FromSeconds(10));
        await owner.MessageAsync("2");
        server.Time.Advance(TimeSpan.FromSeconds(30));
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>4</body></message>");
        await owner.MessageAsync("4");
    }

    [Fact] // MUC-052: one that hangs does not keep the others, nor the server
    public async Task A_room_that_hangs_does_not_hold_up_the_stop()
    {
        var gate = new ArchiveThatHangs();
        await using var server = await MucServer.StartAsync(configure: with => with.Module<ArchiveThatHangsModule>(gate));
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        foreach (var name in (string[])["a", "b", "c"])
        {
            await alice.JoinAsync("al", $"{name}@{MucServer.Service}");
        }

        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>hang</body></message>");
        await gate.Reached.Task.WaitAsync(TestContext.Current.CancellationToken);
        var stopping = server.Context.AnnounceStopAsync();
        for (var rooms = 0; rooms < 3; rooms++)
        {
            Assert.Contains("332", (await alice.ReceiveAsync(element => element.Name == "presence" && element.Attribute("type") == "unavailable")).Codes());
        }

        while (!stopping.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stopping;
        gate.Go.SetResult();
    }

    [Fact] // MUC-012, MUC-101
    public async Task Who_lists_rooms_does_not_keep_them_awake()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1");
        var rooms = ((MucModule)server.Host.Modules["mod_muc"]).Rooms;
        await owner.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/owner'/>");
        await owner.PresenceOfAsync("owner", "unavailable");
        await owner.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Contains(MucServer.Room, (await owner.AskAsync($"<iq type='get' to='{MucServer.Service}'><query xmlns='{Ns.DiscoItems}'/></iq>")).ToString());
        Assert.Equal(1, rooms.Count);
        server.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(0, rooms.Count);
    }

    [Fact] // MUC-101
    public async Task Idle_rooms_are_looked_for_as_often_as_the_option_says()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { HibernatedRoomCheckInterval = TimeSpan.FromMinutes(30), HibernatedRoomTimeout = TimeSpan.FromMinutes(10) });
        await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1");
        server.Time.Advance(TimeSpan.FromMinutes(29));
        await owner.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("332", (await owner.PresenceOfAsync("owner", "unavailable")).Codes());
    }
}

/// <summary>What a test and its archive tell each other.</summary>
public sealed class ArchiveThatHangs
{
    /// <summary>Somebody has said "hang".</summary>
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It may go on.</summary>
    public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>An archive that does not come back from one message.</summary>
[Module("a_test_hanging_archive", Options = typeof(ArchiveThatHangs))]
public sealed class ArchiveThatHangsModule(ArchiveThatHangs gate) : IModule
{
    public void Register(IModuleRegistry on) => on.Hook(RoomHooks.Message, RoomMessageSlot.Archive, async (context, _) =>
    {
        if (context.Message.Body == "hang")
        {
            gate.Reached.SetResult();
            await gate.Go.Task;
        }

        return HookResult.Continue;
    });
}
