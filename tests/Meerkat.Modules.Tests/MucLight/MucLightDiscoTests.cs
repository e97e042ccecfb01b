using Meerkat.Modules.MucLight;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Modules.Tests.MucLight.MucLightFixture;

namespace Meerkat.Modules.Tests.MucLight;

public sealed class MucLightDiscoTests
{
    [Theory] // MUL-001
    [InlineData(false, Ns.MucLight)]
    [InlineData(true, Ns.Muc)]
    public async Task The_server_lists_the_service_with_its_node(bool legacy, string node)
    {
        await using var server = await StartAsync(new MucLightOptions { LegacyMode = legacy });
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync("<iq type='get' id='1' to='example.test'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");

        await alice.ExpectAsync($"<iq type='result' id='1'><query xmlns='http://jabber.org/protocol/disco#items'><item jid='{Service}' node='{node}'/></query></iq>");
    }

    [Theory] // MUL-002; the archive's features come from the archive
    [InlineData(false, Service, Ns.MucLight)]
    [InlineData(false, Coven, Ns.MucLight)]
    [InlineData(true, Service, Ns.Muc)]
    public async Task Service_and_rooms_say_what_they_are(bool legacy, string entity, string feature)
    {
        await using var server = await StartAsync(new MucLightOptions { LegacyMode = legacy }, with => with.Module<RoomWatchModule>(new RoomWatch()));
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<iq type='get' id='1' to='{entity}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");

        var info = await alice.ExpectAsync($"<iq type='result' id='1' from='{entity}'><query xmlns='http://jabber.org/protocol/disco#info'><identity category='conference' type='text'/></query></iq>");
        var features = info.FirstChild!.Value.Children.Where(child => child.Name == "feature").Select(child => child.Attribute("var")).ToArray();
        Assert.Contains(feature, features);
        Assert.Contains("test:archive", features);
        Assert.Contains(Ns.DiscoInfo, features);
    }

    [Fact] // MUL-003
    public async Task The_service_lists_the_rooms_that_one_is_in()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        var b = await alice.CreateAsync("b@" + Service, fields: "<roomname>Bee &amp; Co</roomname>");
        await alice.CreateAsync("a@" + Service);
        await bob.CreateAsync("c@" + Service);

        await alice.SendAsync($"<iq type='get' id='1' to='{Service}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");

        var items = await alice.ExpectAsync(
            $"""
            <iq type='result' id='1'><query xmlns='http://jabber.org/protocol/disco#items'><item jid='a@{Service}' name='Untitled'/><item jid='b@{Service}' name='Bee &amp; Co' version='{b}'/>
            <set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a@{Service}</first><last>b@{Service}</last><count>2</count></set></query></iq>
            """);
        Assert.Equal(3, items.FirstChild!.Value.Children.Count);
    }

    // MUL-003, XEP-0059: the set that is asked with, the rooms of the page and the count.
    [Theory]
    [InlineData("", "a b", 5)] // rooms_per_page
    [InlineData("<max>1</max>", "a", 5)]
    [InlineData("<max>9</max>", "a b", 5)]
    [InlineData("<max>0</max>", "", 5)]
    [InlineData("<max>2</max><after>b@muclight.example.test</after>", "c d", 5)]
    [InlineData("<before/>", "d e", 5)]
    [InlineData("<max>1</max><before>c@muclight.example.test</before>", "b", 5)]
    [InlineData("<index>3</index>", "d e", 5)]
    [InlineData("<index>5</index>", null, 0)]
    [InlineData("<after>nobody@muclight.example.test</after>", null, 0)]
    [InlineData("<before>nobody@muclight.example.test</before>", null, 0)]
    public async Task Rooms_come_in_pages(string set, string? expected, int count)
    {
        await using var server = await StartAsync(new MucLightOptions { RoomsPerPage = 2 });
        await using var alice = await server.ComeAsync("alice");
        foreach (var name in "abcde")
        {
            await alice.CreateAsync($"{name}@{Service}");
        }

        var answer = await alice.AskAsync($"<iq type='get' to='{Service}'><query xmlns='http://jabber.org/protocol/disco#items'>{(set.Length == 0 ? "" : $"<set xmlns='http://jabber.org/protocol/rsm'>{set}</set>")}</query></iq>");

        if (expected is null)
        {
            AssertError(answer, NotFound);
            return;
        }

        var query = answer.FirstChild!.Value;
        Assert.Equal(expected, string.Join(' ', query.Children.Where(child => child.Name == "item").Select(item => item.Attribute("jid")!.Split('@')[0])));
        Assert.Equal($"{count}", query.Child("set", Ns.ResultSet)!.Value.ChildText("count"));
    }

    [Fact] // MUL-003
    public async Task Without_a_limit_all_rooms_come_at_once()
    {
        await using var server = await StartAsync(new MucLightOptions { RoomsPerPage = null });
        await using var alice = await server.ComeAsync("alice");
        for (var i = 0; i < 12; i++)
        {
            await alice.CreateAsync($"r{i}@{Service}");
        }

        var answer = await alice.AskAsync($"<iq type='get' to='{Service}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");

        Assert.Equal(12, answer.FirstChild!.Value.Children.Count);
        Assert.Null(answer.FirstChild!.Value.Child("set", Ns.ResultSet));
    }

    [Fact] // MUL-003, MUL-060: a schema without a name breaks nothing
    public async Task A_room_without_a_name_is_listed_by_its_localpart()
    {
        await using var server = await StartAsync(new MucLightOptions { ConfigSchema = [new ConfigFieldOptions { Field = "background", StringValue = "" }] });
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);

        await alice.SendAsync($"<iq type='get' id='1' to='{Service}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");

        await alice.ExpectAsync($"<iq type='result' id='1'><query xmlns='http://jabber.org/protocol/disco#items'><item jid='{Coven}' name='coven'/></query></iq>");
    }

    [Theory] // MUL-004
    [InlineData($"<iq type='get' to='{Coven}/alice@example.test'><query xmlns='urn:xmpp:muclight:0#info'/></iq>", BadRequest)]
    [InlineData($"<iq type='get' to='{Service}/x'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>", BadRequest)]
    [InlineData($"<iq type='get' to='{Service}'><query xmlns='http://jabber.org/protocol/disco#items' node='other'/></iq>", NotFound)]
    [InlineData($"<iq type='set' to='{Service}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>", NotAllowed)]
    [InlineData($"<iq type='get' to='{Service}'><query xmlns='jabber:iq:version'/></iq>", "feature-not-implemented")]
    [InlineData($"<iq type='get' to='{Coven}'><query xmlns='jabber:iq:version'/></iq>", "feature-not-implemented")]
    [InlineData($"<iq type='get' to='elsewhere@{Service}'><query xmlns='jabber:iq:version'/></iq>", NotFound)]
    [InlineData($"<iq type='get' to='{Coven}'><query xmlns='urn:xmpp:muclight:0#nothing'/></iq>", "feature-not-implemented")]
    [InlineData($"<iq type='get' to='{Service}'><query xmlns='urn:xmpp:muclight:0#info'/></iq>", BadRequest)]
    [InlineData($"<iq type='set' to='{Coven}'><query xmlns='urn:xmpp:muclight:0#info'/></iq>", BadRequest)]
    public async Task What_nobody_serves_is_refused(string request, string condition)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);

        AssertError(await alice.AskAsync(request), condition);
    }

    [Fact] // Requests: registered room IQ handlers answer occupants only
    public async Task What_a_room_does_not_know_is_asked_of_its_archive()
    {
        await using var server = await StartAsync(null, with => with.Module<RoomWatchModule>(new RoomWatch()));
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await using var carol = await server.ComeAsync("carol");
        await alice.CreateAsync(Coven, User("bob"), "", bob);
        const string Ask = $"<iq type='get' to='{Coven}'><ask xmlns='test:archive'/></iq>";

        Assert.Equal("1", (await alice.AskAsync(Ask)).FirstChild!.Value.Attribute("own"));
        Assert.Equal(("1", "0"), await bob.AskAsync(Ask) is var answer ? (answer.FirstChild!.Value.Attribute("read"), answer.FirstChild!.Value.Attribute("own")) : default);
        AssertError(await carol.AskAsync(Ask), NotFound);
    }
}
