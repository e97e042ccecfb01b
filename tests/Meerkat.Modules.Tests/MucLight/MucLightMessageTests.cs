using Meerkat.Modules.MucLight;
using Meerkat.Modules.Offline;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Modules.Tests.MucLight.MucLightFixture;

namespace Meerkat.Modules.Tests.MucLight;

public sealed class MucLightMessageTests
{
    [Fact] // MUL-010
    public async Task What_an_occupant_says_goes_to_all_with_everything_in_it()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice", "desk");
        await using var bob = await server.ComeAsync("bob", "phone");
        await alice.CreateAsync(Coven, User("bob"), "", bob);

        await bob.SendAsync($"<message to='{Coven}' type='groupchat' id='m1' xml:lang='de'><body>Hallo</body><x xmlns='urn:other'><y/></x></message>");

        foreach (var client in new[] { alice, bob })
        {
            var message = await client.ExpectAsync($"<message from='{Coven}/bob@example.test' to='{client.BareJid}' type='groupchat' id='m1' xml:lang='de'><body>Hallo</body><x xmlns='urn:other'><y/></x></message>");
            Assert.Equal(2, message.Children.Count);
        }
    }

    [Fact] // MUL-010
    public async Task A_message_without_an_id_is_given_one()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);

        await alice.SendAsync($"<message to='{Coven}' type='groupchat'><body>x</body></message>");

        Assert.False(string.IsNullOrEmpty((await alice.ReceiveAsync()).Attribute("id")));
    }

    [Theory] // MUL-010, MUL-004
    [InlineData(Coven, "groupchat", NotFound)] // not an occupant
    [InlineData("nowhere@" + Service, "groupchat", NotFound)]
    [InlineData(Service, "groupchat", NotFound)]
    [InlineData(Coven, "chat", BadRequest)]
    [InlineData(Coven, "normal", BadRequest)]
    [InlineData(Coven + "/alice@example.test", "groupchat", BadRequest)]
    [InlineData(Coven + "/alice@example.test", "chat", BadRequest)]
    public async Task What_is_not_for_the_room_comes_back(string to, string type, string condition)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await alice.CreateAsync(Coven);

        await bob.SendAsync($"<message to='{to}' type='{type}' id='m'><body>x</body></message>");

        AssertError(await bob.ReceiveAsync(), condition);
        await alice.ExpectNothingAsync();
    }

    [Fact] // MUL-010: errors and presences say nothing to a room
    public async Task Errors_and_presences_are_ignored()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);

        await alice.SendAsync($"<message to='{Coven}' type='error' id='m'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        await alice.SendAsync($"<presence to='{Coven}/alice'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await alice.SendAsync($"<iq to='{Coven}' type='result' id='i'/>");

        await alice.ExpectNothingAsync();
    }

    [Fact] // a writer waits for its copies: one that came back to it, straight or through another room, would wait for itself
    public async Task Rooms_do_not_talk_to_rooms()
    {
        const string Den = "den@" + Service;
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        foreach (var (room, other) in new[] { (Coven, Den), (Den, Coven) })
        {
            await alice.CreateAsync(room, $"<user affiliation='member'>{room}</user><user affiliation='member'>{other}</user>");
        }

        await alice.SendAsync($"<message to='{Coven}' type='groupchat' id='m1'><body>x</body></message>");

        await alice.ExpectAsync($"<message from='{Coven}/alice@example.test' type='groupchat' id='m1'><body>x</body></message>");
        await alice.ExpectNothingAsync();
    }

    [Fact] // MUL-011, MAM-060: the archive's id is on every copy, and nobody else's word for it
    public async Task The_archive_sees_a_message_before_the_occupants()
    {
        var watch = new RoomWatch();
        await using var server = await StartAsync(null, with => with.Module<RoomWatchModule>(watch));
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await alice.CreateAsync(Coven, User("bob"), "", bob);
        watch.Messages.Clear();

        await bob.SendAsync($"<message to='{Coven}' type='groupchat' id='m1'><body>x</body><stanza-id xmlns='urn:xmpp:sid:0' by='{Coven}' id='forged'/><stanza-id xmlns='urn:xmpp:sid:0' by='other' id='o'/></message>");

        foreach (var client in new[] { alice, bob })
        {
            var message = await client.ReceiveAsync();
            Assert.Equal(["other:o", $"{Coven}:s0"], message.Children.Where(child => child.Name == "stanza-id").Select(id => $"{id.Attribute("by")}:{id.Attribute("id")}"));
        }

        var seen = Assert.Single(watch.Messages);
        Assert.Equal((bob.Jid, "member", false), (seen.Sender!.ToString(), seen.Affiliation, seen.IsNotice));
        Assert.Equal($"{Coven}/bob@example.test", seen.Message.From!.ToString());
        Assert.Equal(["alice@example.test", "bob@example.test"], (await seen.Room.MembersAsync(CancellationToken.None)).Select(jid => jid.ToString()));
    }

    [Fact] // the hook's word: do not broadcast
    public async Task A_message_that_is_stopped_reaches_nobody()
    {
        var watch = new RoomWatch();
        await using var server = await StartAsync(null, with => with.Module<RoomWatchModule>(watch));
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);
        watch.Stops = true;

        await alice.SendAsync($"<message to='{Coven}' type='groupchat' id='m1'><body>x</body></message>");

        await alice.ExpectNothingAsync();
    }

    [Theory] // MUL-011: no bounce, whether offline messages are stored or not
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_is_offline_gets_it_later_if_messages_of_rooms_are_stored(bool stored)
    {
        await using var server = await StartAsync(null, with => with.Module<OfflineModule>(new OfflineOptions { StoreGroupchatMessages = stored }));
        await using var alice = await server.ComeAsync("alice");
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await alice.CreateAsync(Coven, User("bob") + User("nobody"));

        await alice.SendAsync($"<message to='{Coven}' type='groupchat' id='m1'><body>later</body></message>");
        await alice.ExpectAsync("<message id='m1'/>");
        await alice.ExpectNothingAsync();

        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        if (stored)
        {
            await bob.ExpectAsync($"<message from='{Coven}'><x xmlns='{Ns.MucLightAffiliations}'/></message>");
            await bob.ExpectAsync($"<message from='{Coven}/alice@example.test' type='groupchat' id='m1'><body>later</body></message>");
        }

        await bob.ExpectAsync("<presence/>");
    }

    [Fact] // MUL-012
    public async Task The_resources_of_the_highest_priority_get_it()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var low = await server.ConnectAsync("bob", "low");
        await low.BecomeAvailableAsync("<presence><priority>1</priority></presence>");
        await using var high = await server.ConnectAsync("bob", "high");
        await high.BecomeAvailableAsync("<presence><priority>5</priority></presence>");
        await using var other = await server.ConnectAsync("bob", "other");
        await other.BecomeAvailableAsync("<presence><priority>5</priority></presence>");
        await alice.CreateAsync(Coven, User("bob"), "", high, other);

        await alice.SendAsync($"<message to='{Coven}' type='groupchat' id='m1'><body>x</body></message>");

        await alice.ExpectAsync("<message id='m1'/>");
        await high.ExpectAsync("<message id='m1'/>");
        await other.ExpectAsync("<message id='m1'/>");
        Assert.Equal("iq", (await low.AskAsync($"<iq type='get' to='{Service}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).Name);
        await low.ExpectNothingAsync();
    }

    [Fact] // MUL-053
    public async Task A_cached_room_is_the_one_that_was_written_last()
    {
        var store = new CountingStore();
        await using var server = await StartAsync(new MucLightOptions { CacheAffs = new RoomCacheOptions { NumberOfSegments = 2, TimeToLive = TimeSpan.FromMinutes(1) } }, with => with.Stores = store);
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await alice.CreateAsync(Coven);
        store.Reads = 0;

        for (var i = 0; i < 5; i++)
        {
            await alice.SendAsync($"<message to='{Coven}' type='groupchat' id='m{i}'><body>x</body></message>");
            await alice.ExpectAsync($"<message id='m{i}'/>");
        }

        Assert.Equal(0, store.Reads);
        AssertResult(await alice.AffiliateAsync(Coven, User("bob")));
        await bob.ReceiveAsync();
        await alice.SendAsync($"<message to='{Coven}' type='groupchat' id='n'><body>x</body></message>");
        await bob.ExpectAsync("<message id='n'/>");
        Assert.Equal(0, store.Reads);

        server.Time.Advance(TimeSpan.FromMinutes(3));
        await alice.SendAsync($"<message to='{Coven}' type='groupchat' id='o'><body>x</body></message>");
        await bob.ExpectAsync("<message id='o'/>");
        Assert.Equal(1, store.Reads);
    }

    [Fact] // the broadcast is serialised once
    public async Task Copies_share_their_bytes()
    {
        var watch = new RoomWatch();
        await using var server = await StartAsync(null, with => with.Module<RoomWatchModule>(watch));
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);
        await alice.SendAsync($"<message to='{Coven}' type='groupchat' id='m'><body>x</body></message>");
        await alice.ReceiveAsync(element => element.Attribute("id") == "m");

        var message = watch.Messages[^1].Message;
        var (a, b) = (message.Readdress(message.From, BareJid.Parse("a@b")), message.Readdress(message.From, BareJid.Parse("b@b")));
        Assert.True(a.Element.Raw.Overlaps(b.Element.Raw));
        Assert.True(a.Appended!.Element.Raw.Overlaps(b.Appended!.Element.Raw));
    }
}
