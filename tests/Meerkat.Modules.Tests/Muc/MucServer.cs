using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Sessions;
using Meerkat.Modules.Muc;
using Meerkat.Modules.Presences;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>A server with rooms, and what every test of rooms does.</summary>
internal static class MucServer
{
    public const string Service = "conference.example.test";
    public const string Room = "room@conference.example.test";

    public static Task<TestServer> StartAsync(MucOptions? options = null, Action<TestServerBuilder>? configure = null, IRoomStore? store = null) => TestServer.StartAsync(with =>
    {
        with.Module<PresenceModule>().Module<MucModule>(options);
        if (store is not null)
        {
            with.Stores = new OneStore(with.Stores, store);
        }

        configure?.Invoke(with);
    });

    /// <summary>Sends a join.</summary>
    public static Task SendJoinAsync(this TestClient client, string nick, string room = Room, string inside = "") =>
        client.SendAsync($"<presence to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'>{inside}</x></presence>");

    /// <summary>Joins and takes all that comes up to the subject, which is the last.</summary>
    public static async Task<List<XmlElement>> JoinAsync(this TestClient client, string nick, string room = Room, string inside = "")
    {
        await client.SendJoinAsync(nick, room, inside);
        return await client.UpToSubjectAsync();
    }

    /// <summary>Joins as <c>al</c> with stream management: what the server has handled can be seen.</summary>
    public static async Task<TestClient> EnterManagedAsync(this TestServer server)
    {
        var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<enable xmlns='urn:xmpp:sm:3'/>");
        await alice.ReceiveAsync(element => element.Name == "enabled");
        await alice.JoinAsync("al");
        return alice;
    }

    /// <summary>The server's side of a client.</summary>
    public static async Task<Session> SessionOfAsync(this TestServer server, TestClient client) =>
        Assert.IsType<Session>(await server.Context.Sessions.FindAsync(FullJid.Parse(client.Jid), TestContext.Current.CancellationToken));

    /// <summary>What was sent to the room before has been read by it.</summary>
    public static async Task PingRoomAsync(this TestClient client) => await client.AskAsync($"<iq type='get' to='{Room}'><ping xmlns='urn:xmpp:ping'/></iq>");

    public static async Task<List<XmlElement>> UpToSubjectAsync(this TestClient client)
    {
        var got = new List<XmlElement>();
        do
        {
            got.Add(await client.ReceiveAsync());
            Assert.False(got[^1].Attribute("type") == "error", got[^1].ToString());
        }
        while (got[^1].Child("subject") is null);
        return got;
    }

    /// <summary>Makes the room and configures it: fields as <c>name=value</c>.</summary>
    public static async Task<TestClient> CreateAsync(this TestServer server, string owner = "owner", string nick = "owner", params string[] fields)
    {
        var client = await server.ConnectAsync(owner, "pc");
        await client.JoinAsync(nick);
        await client.ConfigureAsync(fields);
        return client;
    }

    public static async Task<XmlElement> ConfigureAsync(this TestClient client, params string[] fields)
    {
        var xml = string.Concat(fields.Select(field => field.Split('=', 2)).Select(pair => $"<field var='{Full(pair[0])}'><value>{pair[1]}</value></field>"));
        var answer = await client.AskAsync($"<iq type='set' to='{Room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>{xml}</x></query></iq>");
        Assert.True(answer.Attribute("type") == "result", answer.ToString());
        return answer;
    }

    public static Task<XmlElement> AdminAsync(this TestClient client, string items) =>
        client.AskAsync($"<iq type='set' to='{Room}'><query xmlns='http://jabber.org/protocol/muc#admin'>{items}</query></iq>");

    public static async Task<XmlElement> PresenceOfAsync(this TestClient client, string nick, string? type = null) =>
        await client.ReceiveAsync(element => element.Name == "presence" && element.Attribute("from") == $"{Room}/{nick}" && element.Attribute("type") == type);

    public static async Task<XmlElement> MessageAsync(this TestClient client, string body) =>
        await client.ReceiveAsync(element => element.Name == "message" && element.ChildText("body") == body);

    public static XmlElement Item(this XmlElement presence) => presence.Child("x", "http://jabber.org/protocol/muc#user")!.Value.Child("item")!.Value;

    public static string[] Codes(this XmlElement stanza) =>
        [.. stanza.Child("x", "http://jabber.org/protocol/muc#user")!.Value.Children.Where(child => child.Name == "status").Select(child => child.Attribute("code")!)];

    public static void IsError(this XmlElement stanza, string condition, string type)
    {
        Assert.True(stanza.Attribute("type") == "error", stanza.ToString());
        Assert.Equal((condition, type), (LeaveRules.Condition(stanza), stanza.Child("error")!.Value.Attribute("type")));
    }

    private static string Full(string name) => name is "public_list" or "members_by_default" || name.StartsWith("allow_", StringComparison.Ordinal) ? name : $"muc#roomconfig_{name}";

    private sealed class OneStore(IStoreProvider others, IRoomStore store) : IStoreProvider
    {
        public object? Create(Type contract, HostType host, object? options) => contract == typeof(IRoomStore) ? store : others.Create(contract, host, options);
    }
}
