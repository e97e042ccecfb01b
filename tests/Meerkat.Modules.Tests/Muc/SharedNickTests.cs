using Meerkat.Core.Accounts;
using Meerkat.Modules.Carbons;
using Meerkat.Modules.Inbox;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Muc;
using Meerkat.Modules.Presences;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>What is said in private to a nick that several sessions of an account share is one message of that account (MUC-028, MUC-044).</summary>
public sealed class SharedNickTests
{
    [Theory] // MAM-066, INB-013, XEP-0280 §6: the room has sent it to all of them
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_once_in_archive_and_inbox_and_nobody_gets_it_twice(bool hasStableIds)
    {
        await using var server = await MucServer.StartAsync(configure: with =>
        {
            with.Module<MamModule>(new MamOptions { Pm = new MamPmOptions() }).Module<InboxModule>().Module<CarbonsModule>();
            if (hasStableIds)
            {
                with.Module<Meerkat.Modules.StanzaIds.StanzaIdsModule>();
            }
        });
        await using var owner = await server.CreateAsync("owner", "owner", "allowmultisessions=1");
        await using var phone = await EnterAsync(server, "phone");
        await using var pc = await EnterAsync(server, "pc");
        await phone.PresenceOfAsync("al");

        await owner.SendAsync($"<message to='{MucServer.Room}/al' type='chat' id='w'><body>whisper</body></message>");

        var ids = new List<string?>();
        foreach (var session in (TestClient[])[phone, pc])
        {
            var got = await session.ReceiveAsync();
            Assert.Equal((($"{MucServer.Room}/owner", "whisper")), (got.Attribute("from"), got.ChildText("body")));
            ids.Add(got.Child("stanza-id", Ns.StanzaIds)!.Value.Attribute("id"));
            await session.ExpectNothingAsync();
        }

        await phone.SendAsync($"<iq type='set' id='q'><query xmlns='{Ns.Mam}'/></iq>");
        var archived = (await phone.ReceiveAsync(element => element.Child("result", Ns.Mam) is not null)).Child("result", Ns.Mam)!.Value.Attribute("id");
        Assert.Equal("iq", (await phone.ReceiveAsync()).Name);
        Assert.Equal([archived, archived], ids);

        await phone.SendAsync($"<iq type='set' id='i'><inbox xmlns='{Ns.Inbox}'/></iq>");
        var entry = (await phone.ReceiveAsync(element => element.Child("result", Ns.Inbox) is not null)).Child("result", Ns.Inbox)!.Value;
        Assert.Equal("1", entry.Attribute("unread"));
    }

    [Fact] // CRB-002: one session alone in the room, and the others have their copy
    public async Task Who_is_not_in_the_room_learns_by_a_copy()
    {
        await using var server = await MucServer.StartAsync(configure: with => with.Module<CarbonsModule>());
        await using var owner = await server.CreateAsync();
        await using var phone = await EnterAsync(server, "phone");
        await using var pc = await server.ConnectAsync("alice", "pc");
        await pc.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");

        await owner.SendAsync($"<message to='{MucServer.Room}/al' type='chat' id='w'><body>whisper</body></message>");

        await phone.MessageAsync("whisper");
        Assert.NotNull((await pc.ReceiveAsync()).Child("received", Ns.Carbons));
    }

    [Fact] // INB-016: by a real room; one who has not come is not less affiliated
    public async Task A_room_is_in_the_inbox_of_its_members_and_of_nobody_else()
    {
        await using var server = await MucServer.StartAsync(configure: with => with.Module<InboxModule>(new InboxOptions { Groupchat = [InboxGroupchat.Muc] }));
        await using var owner = await server.CreateAsync();
        await using var member = await server.ConnectAsync("member");
        await using var banned = await server.ConnectAsync("banned");
        await using var guest = await server.ConnectAsync("guest");
        await guest.JoinAsync("guest");
        await owner.AdminAsync("<item jid='member@example.test' affiliation='member'/><item jid='banned@example.test' affiliation='outcast'/>");
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}' id='m'><body>all</body></message>");
        await guest.MessageAsync("all");

        Assert.Equal([("0", "all")], await InboxAsync(owner));
        Assert.Equal([("1", "all")], await InboxAsync(member));
        Assert.Empty(await InboxAsync(banned));
        Assert.Empty(await InboxAsync(guest));
    }

    [Fact] // INB-016: only of those whose domain's service it is
    public async Task Of_several_domains_with_the_same_modules_a_room_is_in_the_inboxes_of_its_own()
    {
        const string Den = "den@conference.one.example";
        await using var server = await TestServer.StartAsync(with =>
        {
            with.HostTypes = ["free"];
            with.Auth = new AuthOptions { Methods = [AuthMethod.Rdbms], Rdbms = new RdbmsAuthOptions(), Password = new PasswordOptions { Format = PasswordFormat.Plain, ScramIterations = 1 } };
            with.Module<PresenceModule>().Module<MucModule>().Module<InboxModule>(new InboxOptions { Groupchat = [InboxGroupchat.Muc] });
        });
        await server.Dynamic.AddAsync("one.example", "free", CancellationToken.None);
        await server.Dynamic.AddAsync("two.example", "free", CancellationToken.None);
        await using var owner = await server.ConnectAsync("owner", "pc", "one.example");
        await using var near = await server.ConnectAsync("near", "pc", "one.example");
        await using var far = await server.ConnectAsync("far", "pc", "two.example");
        await MakeAsync(owner, Den, near, far);
        await far.JoinAsync("far", Den);

        await owner.SendAsync($"<message type='groupchat' to='{Den}' id='m'><body>all</body></message>");
        await far.MessageAsync("all");

        Assert.Equal([("0", "all")], await InboxAsync(owner));
        Assert.Equal([("1", "all")], await InboxAsync(near));
        Assert.Empty(await InboxAsync(far));
    }

    [Fact] // INB-016: a service that bears its own name is that of the whole host type
    public async Task A_room_of_a_service_of_any_name_is_in_the_inboxes_too()
    {
        const string Den = "den@rooms.example";
        await using var server = await MucServer.StartAsync(new MucOptions { Host = "rooms.example" }, with => with.Module<InboxModule>(new InboxOptions { Groupchat = [InboxGroupchat.Muc] }));
        await using var owner = await server.ConnectAsync("owner", "pc");
        await using var near = await server.ConnectAsync("near", "pc");
        await MakeAsync(owner, Den, near);

        await owner.SendAsync($"<message type='groupchat' to='{Den}' id='m'><body>all</body></message>");
        await owner.MessageAsync("all");

        Assert.Equal([("1", "all")], await InboxAsync(near));
    }

    private static async Task MakeAsync(TestClient owner, string room, params TestClient[] members)
    {
        await owner.JoinAsync("owner", room);
        await owner.AskAsync($"<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
        var items = string.Concat(members.Select(member => $"<item jid='{member.BareJid}' affiliation='member'/>"));
        await owner.AskAsync($"<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>{items}</query></iq>");
    }

    private static async Task<List<(string? Unread, string? Body)>> InboxAsync(TestClient client)
    {
        await client.SendAsync($"<iq type='set' id='inbox'><inbox xmlns='{Ns.Inbox}'/></iq>");
        var entries = new List<(string?, string?)>();
        while (await client.ReceiveAsync() is var got && got.Attribute("id") != "inbox")
        {
            if (got.Child("result", Ns.Inbox) is { } result)
            {
                entries.Add((result.Attribute("unread"), result.Child("forwarded", Ns.Forward)!.Value.Child("message", Ns.Client)!.Value.ChildText("body")));
            }
        }

        return entries;
    }

    private static async Task<TestClient> EnterAsync(TestServer server, string resource)
    {
        var client = await server.ConnectAsync("alice", resource);
        await client.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await client.JoinAsync("al");
        return client;
    }
}
