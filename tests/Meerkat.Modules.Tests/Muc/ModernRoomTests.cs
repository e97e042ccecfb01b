using Meerkat.Modules.Mam;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>What clients of today expect of a room, history and archive alike.</summary>
public sealed class ModernRoomTests
{
    private const string Old = "m0";

    private static readonly string[] s_payloads =
    [
        $"<reactions xmlns='urn:xmpp:reactions:0' id='{Old}'><reaction>🦦</reaction></reactions><store xmlns='urn:xmpp:hints'/>", // XEP-0444
        $"<body>otters</body><replace xmlns='urn:xmpp:message-correct:0' id='{Old}'/>", // XEP-0308
        $"<body>&gt; otter\nyes</body><reply xmlns='urn:xmpp:reply:0' to='{MucServer.Room}/owner' id='{Old}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='8'/></fallback>", // XEP-0461
    ];

    [Fact] // XEP-0308, XEP-0359, XEP-0421, XEP-0444, XEP-0461
    public async Task Reactions_corrections_and_replies_are_whole_in_history_and_archive()
    {
        await using var server = await StartAsync(new MamMucOptions());
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        foreach (var payload in s_payloads)
        {
            await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}' id='m1'>{payload}</message>");
        }

        var live = new List<string>();
        for (var i = 0; i < s_payloads.Length; i++)
        {
            live.Add((await owner.ReceiveAsync(element => element.Name == "message" && element.Attribute("id") == "m1")).ToString());
        }

        await using var bob = await server.ConnectAsync("bob");
        var history = (await bob.JoinAsync("bob")).Where(element => element.Attribute("id") == "m1").Select(element => element.ToString()).ToArray();
        await bob.SendAsync($"<iq type='set' id='q' to='{MucServer.Room}'><query xmlns='{Ns.Mam}'/></iq>");
        for (var i = 0; i < s_payloads.Length; i++)
        {
            var archived = (await bob.ReceiveAsync(element => element.Child("result", Ns.Mam) is not null)).ToString();
            foreach (var text in (string[])[live[i], history[i], archived])
            {
                Assert.Contains(Canonical(s_payloads[i]), text);
                Assert.Contains(Ns.OccupantId, text);
            }

            var id = XmlOf(live[i]).Children.ToArray().Single(child => child.Is("stanza-id", Ns.StanzaIds)).Attribute("id");
            Assert.Contains($"id='{id}'", history[i]);
            Assert.Contains($"id='{id}'", archived); // the archive's id is the stable one
        }
    }

    [Fact] // XEP-0424 §5: a room does not give out any more what its author takes back
    public async Task What_is_taken_back_newcomers_do_not_read()
    {
        await using var server = await StartAsync(new MamMucOptions());
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}' id='m1'><body>oops</body></message>");
        var id = (await alice.MessageAsync("oops")).Child("stanza-id", Ns.StanzaIds)!.Value.Attribute("id");

        await RetractAsync(owner, "no"); // nobody takes back what another said
        Assert.Contains(await HistoryAsync("bob"), text => text.Contains(">oops<", StringComparison.Ordinal));
        await RetractAsync(alice, "yes");
        var history = await HistoryAsync("carol");

        Assert.DoesNotContain(history, text => text.Contains(">oops<", StringComparison.Ordinal));
        var tombstone = XmlOf(Assert.Single(history, text => text.Contains("<retracted", StringComparison.Ordinal)));
        Assert.Equal(("m1", "yes"), (tombstone.Attribute("id"), tombstone.Child("retracted", Ns.Retract)!.Value.Attribute("id")));
        Assert.NotNull(tombstone.Child("occupant-id", Ns.OccupantId));

        async Task RetractAsync(TestClient by, string name)
        {
            await by.SendAsync($"<message type='groupchat' to='{MucServer.Room}' id='{name}'><retract xmlns='{Ns.Retract}' id='{id}'/><body>{name}</body></message>");
            await alice.MessageAsync(name);
        }

        async Task<string[]> HistoryAsync(string name)
        {
            await using var newcomer = await server.ConnectAsync(name);
            return [.. (await newcomer.JoinAsync(name)).Where(element => element.Name == "message").Select(element => element.ToString())];
        }
    }

    [Fact] // MAM-064
    public async Task The_archive_of_a_room_that_is_not_in_memory_can_be_read()
    {
        await using var server = await StartAsync(new MamMucOptions());
        await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1");
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>kept</body></message>");
        await owner.MessageAsync("kept");
        await owner.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/owner'/>");
        await owner.PresenceOfAsync("owner", "unavailable");
        var rooms = ((Meerkat.Modules.Muc.MucModule)server.Host.Modules["mod_muc"]).Rooms;
        while (rooms.Count > 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            server.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        await owner.SendAsync($"<iq type='set' id='q' to='{MucServer.Room}'><query xmlns='{Ns.Mam}'/></iq>");
        Assert.Contains(">kept<", (await owner.ReceiveAsync()).ToString());
    }

    [Fact] // MAM-063, MAM-040: an owner says what is kept
    public async Task The_preferences_of_a_rooms_archive_are_its_owners()
    {
        await using var server = await StartAsync(new MamMucOptions { UserPrefsStore = PreferenceBackend.Rdbms });
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        const string Never = $"<iq type='set' to='{MucServer.Room}'><prefs xmlns='{Ns.Mam}' default='never'><always/><never/></prefs></iq>";
        Assert.Equal("error", (await alice.AskAsync(Never)).Attribute("type"));
        await SayAsync("kept");
        Assert.Equal("result", (await owner.AskAsync(Never)).Attribute("type"));
        await SayAsync("not kept");
        await alice.SendAsync($"<iq type='set' id='q' to='{MucServer.Room}'><query xmlns='{Ns.Mam}'/></iq>");
        Assert.Contains(">kept<", (await alice.ReceiveAsync()).ToString());
        Assert.Equal("iq", (await alice.ReceiveAsync()).Name);

        async Task SayAsync(string body)
        {
            await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>{body}</body></message>");
            await alice.MessageAsync(body);
        }
    }

    [Fact] // MAM-080
    public async Task What_is_too_old_leaves_the_archive_of_a_room()
    {
        await using var server = await StartAsync(new MamMucOptions { RetentionDays = 2 });
        await using var owner = await server.CreateAsync("owner", "owner", "persistentroom=1");
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>old</body></message>");
        await owner.MessageAsync("old");
        Assert.Contains(">old<", await ReadAsync());
        server.Time.Advance(TimeSpan.FromDays(2) + TimeSpan.FromHours(2));
        while ((await ReadAsync()).Contains(">old<", StringComparison.Ordinal))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            server.Time.Advance(TimeSpan.FromHours(1));
        }

        async Task<string> ReadAsync()
        {
            await owner.SendAsync($"<iq type='set' id='q' to='{MucServer.Room}'><query xmlns='{Ns.Mam}'/></iq>");
            var first = await owner.ReceiveAsync(element => element.Name == "iq" || element.Child("result", Ns.Mam) is not null);
            if (first.Name != "iq")
            {
                await owner.ReceiveAsync(element => element.Name == "iq");
            }

            return first.ToString();
        }
    }

    private static Task<TestServer> StartAsync(MamMucOptions muc) => MucServer.StartAsync(configure: with => with.Module<MamModule>(new MamOptions { Muc = muc }));

    private static Xml.XmlElement XmlOf(string text) => Xml.XmlElement.Parse(text);

    private static string Canonical(string children) => string.Concat(XmlOf($"<message xmlns='{Ns.Client}'>{children}</message>").Children.ToArray().Where(child => child.Name is not ("body" or "store")).Select(child => child.ToString()));
}
