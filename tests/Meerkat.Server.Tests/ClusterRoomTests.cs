using System.Globalization;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>Rooms whose node ends, with occupants on all three nodes (OPS-219, docs/cluster.md): nobody stays in a room that does not know him, and no room keeps somebody who is gone.</summary>
[Collection("Nodes of a cluster")] // one at a time, beside other tests: most of it is waiting
public sealed class ClusterRoomTests
{
    private const int Rooms = 32; // on three nodes: of those that end and of those that live there are some

    [Theory] // MUC-052, XEP-0410 §3, architecture §6
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task Who_was_in_a_room_of_a_node_that_ends_is_told_and_finds_it_elsewhere_as_it_was_stored(string signal)
    {
        await using var nodes = new ThreeNodes(3, WithManyRooms);
        await nodes.InitializeAsync();
        await using var alice = await nodes.LogInAsync(0, "alice", "pc");
        await using var bob = await nodes.LogInAsync(1, "bob", "pc");
        await using var carol = await nodes.LogInAsync(2, "carol", "pc");
        await using var dave = await nodes.LogInAsync(1, "dave", "pc");
        for (var n = 0; n < Rooms; n++)
        {
            await MakeAsync(alice, n);
            await JoinAsync(bob, n, "bob");
            await JoinAsync(carol, n, "carol");
        }

        // Everybody has seen all that was sent until now.
        await Task.WhenAll(((TestClient[])[alice, bob]).Select(client => client.ReceiveAsync(element => element.Attribute("from") == $"{Room(Rooms - 1)}/carol")));
        nodes[2].Signal(signal);
        for (var n = 0; n < Rooms; n++)
        {
            await bob.SendAsync($"<iq type='get' id='ping{n}' to='{Room(n)}/bob'><ping xmlns='urn:xmpp:ping'/></iq>");
        }

        // In each room either he himself has gone, or the one who was on that node.
        var toldAlice = await HearAsync(alice, "alice", 0);
        var toldBob = await HearAsync(bob, "bob", Rooms);
        var lost = toldAlice.Where(told => told.Key.StartsWith("lost ", StringComparison.Ordinal)).Select(told => Number(told.Key)).Order().ToArray();
        Assert.InRange(lost.Length, 1, Rooms - 1);
        Assert.Equal(lost, toldBob.Where(told => told.Key.StartsWith("lost ", StringComparison.Ordinal)).Select(told => Number(told.Key)).Order());
        foreach (var told in toldAlice.Concat(toldBob).Where(told => told.Key.StartsWith("lost ", StringComparison.Ordinal)))
        {
            Assert.Contains("code=\"110\"", told.Value.Replace('\'', '"'));
            Assert.Contains("code=\"332\"", told.Value.Replace('\'', '"'));
        }

        if (signal == "KILL")
        {
            // What was asked while nobody could know was answered by the room that followed; a node that ends in order may have answered before.
            Assert.Equal(lost, Enumerable.Range(0, Rooms).Where(n => toldBob[$"ping{n}"].Contains("error", StringComparison.Ordinal)));
        }

        for (var n = 0; n < Rooms; n++)
        {
            Assert.Equal(lost.Contains(n) ? "error" : "result", (await alice.AskAsync($"<iq type='get' to='{Room(n)}/alice'><ping xmlns='urn:xmpp:ping'/></iq>")).Attribute("type"));
        }

        foreach (var n in lost)
        {
            var self = await JoinAsync(alice, n, "alice");
            Assert.Equal("owner", self.Child("x", Ns.MucUser)!.Value.Child("item")!.Value.Attribute("affiliation"));
            var isNew = self.ToString().Contains("201", StringComparison.Ordinal);
            Assert.Equal(!IsPersistent(n), isNew);
            if (isNew)
            {
                await alice.AskAsync($"<iq type='set' to='{Room(n)}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
            }
            else
            {
                var form = (await alice.AskAsync($"<iq type='get' to='{Room(n)}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>")).ToString();
                Assert.Contains($"the room {n}", form);
                await dave.SendAsync($"<presence to='{Room(n)}/dave'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
                Assert.Contains("registration-required", (await dave.ReceiveAsync()).ToString()); // members only, as it was
            }

            var member = await JoinAsync(bob, n, "bob");
            Assert.Equal(IsPersistent(n) ? "member" : "none", member.Child("x", Ns.MucUser)!.Value.Child("item")!.Value.Attribute("affiliation"));
        }

        await TalkAsync([alice, bob], "again");

        // And with the node that comes back.
        await nodes[2].WaitForExitAsync();
        await nodes[2].StartAsync();
        await using var back = await nodes.ConnectAsync(2, "carol", "pc");
        for (var n = 0; n < Rooms; n++)
        {
            await JoinAsync(back, n, "carol");
        }

        await TalkAsync([alice, bob, back], "all");
    }

    [Fact] // OPS-219: a client that comes back under its old address joins again if it wants to
    public async Task Who_came_back_under_the_address_of_a_session_that_died_is_in_no_room_that_he_did_not_join()
    {
        await using var nodes = new ThreeNodes(3, WithManyRooms);
        await nodes.InitializeAsync();
        const int Guests = 8;
        int[] rooms = [1, 3, 5, 7, 9, 11];
        await using var alice = await nodes.LogInAsync(0, "alice", "pc");
        foreach (var n in rooms)
        {
            await MakeAsync(alice, n);
            var members = string.Concat(Enumerable.Range(0, Guests).Select(guest => $"<item affiliation='member' jid='guest{guest}@localhost'/>"));
            await alice.AskAsync($"<iq type='set' to='{Room(n)}'><query xmlns='http://jabber.org/protocol/muc#admin'>{members}</query></iq>");
        }

        for (var guest = 0; guest < Guests; guest++)
        {
            var client = await nodes.LogInAsync(2, $"guest{guest}", "pc");
            foreach (var n in rooms)
            {
                await JoinAsync(client, n, $"guest{guest}");
            }
        }

        await alice.ReceiveAsync(element => element.Attribute("from") == $"{Room(rooms[^1])}/guest{Guests - 1}");
        nodes[2].Signal("KILL");
        var back = await Task.WhenAll(Enumerable.Range(0, Guests).Select(guest => nodes.ConnectAsync(guest % 2, $"guest{guest}", "pc")));

        // Either a room was there, and all are sent off; or it was on that node, and she is.
        var gone = rooms.ToDictionary(Room, _ => new HashSet<string>());
        while (gone.Values.Any(who => who.Count < Guests && !who.Contains("alice")))
        {
            var from = (await alice.ReceiveAsync(element => element.Name == "presence" && element.Attribute("type") == "unavailable")).Attribute("from")!.Split('/');
            gone[from[0]].Add(from[1]);
        }

        foreach (var n in rooms)
        {
            if (gone[Room(n)].Contains("alice"))
            {
                await JoinAsync(alice, n, "alice");
            }

            await alice.SendAsync($"<message to='{Room(n)}' type='groupchat' id='m{n}'><body>b</body></message>");
            await alice.ReceiveAsync(element => element.Name == "message" && element.Attribute("id") == $"m{n}");
        }

        foreach (var guest in back)
        {
            // Of the others' ends it may have heard before its own; of what is said since then it hears nothing.
            await guest.SendAsync("<iq type='get' id='fence'><q xmlns='test:fence'/></iq>");
            while (await guest.ReceiveAsync() is var next && next.Attribute("id") != "fence")
            {
                Assert.Equal("unavailable", next.Attribute("type"));
            }

            await guest.DisposeAsync();
        }

        await nodes[2].WaitForExitAsync();
    }

    private static string WithManyRooms(string toml) => toml.Replace("[modules.mod_muc]", "[modules.mod_muc]\n  max_user_conferences = 1000", StringComparison.Ordinal);

    private static int Number(string key) => int.Parse(key[5..], CultureInfo.InvariantCulture);

    private static string Room(int n) => $"room{n}@muc.localhost";

    private static bool IsPersistent(int n) => n % 2 == 1;

    // Every other one is persistent, with a name, and for members alone.
    private static async Task MakeAsync(TestClient alice, int n)
    {
        await JoinAsync(alice, n, "alice");
        var fields = IsPersistent(n)
            ? $"<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc#roomconfig_persistentroom'><value>1</value></field>"
                + $"<field var='muc#roomconfig_membersonly'><value>1</value></field><field var='muc#roomconfig_roomname'><value>the room {n}</value></field>"
            : "";
        Assert.Equal("result", (await alice.AskAsync($"<iq type='set' to='{Room(n)}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>{fields}</x></query></iq>")).Attribute("type"));
        if (IsPersistent(n))
        {
            Assert.Equal("result", (await alice.AskAsync(
                $"<iq type='set' to='{Room(n)}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member' jid='bob@localhost'/><item affiliation='member' jid='carol@localhost'/></query></iq>")).Attribute("type"));
        }
    }

    /// <returns>The presence by which the room says that he is in.</returns>
    private static async Task<XmlElement> JoinAsync(TestClient client, int n, string nick)
    {
        await client.SendAsync($"<presence to='{Room(n)}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        var seen = new List<string>();
        try
        {
            var self = await client.ReceiveAsync(element => Seen(element) && element.Name == "presence" && element.Attribute("from") == $"{Room(n)}/{nick}");
            Assert.True(self.Attribute("type") is null, self.ToString());
            await client.ReceiveAsync(element => Seen(element) && element.Name == "message" && element.Child("subject") is not null && element.Attribute("from")!.StartsWith(Room(n), StringComparison.Ordinal));
            return self;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{nick} is not told that he is in {Room(n)}, but {string.Concat(seen)}");
        }

        bool Seen(XmlElement element)
        {
            seen.Add(element.ToString());
            return true;
        }
    }

    // What comes until each room has said one thing, and so many pings are answered; nothing comes twice.
    private static async Task<Dictionary<string, string>> HearAsync(TestClient client, string nick, int pings)
    {
        var told = new Dictionary<string, string>();
        while (told.Count < Rooms + pings)
        {
            var element = await client.ReceiveAsync();
            var from = element.Attribute("from") ?? "";
            if (element.Name == "iq")
            {
                told.Add(element.Attribute("id")!, element.Attribute("type")!);
            }
            else if (element.Name == "presence" && element.Attribute("type") == "unavailable" && (from.EndsWith($"/{nick}", StringComparison.Ordinal) || from.EndsWith("/carol", StringComparison.Ordinal)))
            {
                var n = from[4..from.IndexOf('@', StringComparison.Ordinal)];
                if (from.EndsWith("/carol", StringComparison.Ordinal) && told.ContainsKey($"lost {n}"))
                {
                    Assert.Fail($"{nick} was told {told[$"lost {n}"]} and then {element}");
                }

                told.Add($"{(from.EndsWith("/carol", StringComparison.Ordinal) ? "kept" : "lost")} {n}", element.ToString());
            }
        }

        await client.ExpectNothingAsync();
        return told;
    }

    // Everybody says something in every room, and all hear it.
    private static async Task TalkAsync(TestClient[] clients, string what)
    {
        for (var n = 0; n < Rooms; n++)
        {
            for (var speaker = 0; speaker < clients.Length; speaker++)
            {
                await clients[speaker].SendAsync($"<message to='{Room(n)}' type='groupchat' id='{what}-{n}-{speaker}'><body>b</body></message>");
            }
        }

        foreach (var client in clients)
        {
            var missing = Enumerable.Range(0, Rooms).SelectMany(n => clients.Select((_, speaker) => $"{what}-{n}-{speaker}")).ToHashSet();
            while (missing.Count > 0)
            {
                var message = await client.ReceiveAsync(element => element.Name == "message" && element.Attribute("id")?.StartsWith(what, StringComparison.Ordinal) is true);
                Assert.True(missing.Remove(message.Attribute("id")!), message.ToString());
            }
        }
    }
}
