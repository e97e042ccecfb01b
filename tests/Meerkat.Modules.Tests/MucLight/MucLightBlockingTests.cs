using Meerkat.Modules.MucLight;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Modules.Tests.MucLight.MucLightFixture;

namespace Meerkat.Modules.Tests.MucLight;

public sealed class MucLightBlockingTests
{
    [Fact] // MUL-040
    public async Task A_list_is_made_item_by_item()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");

        AssertResult(await BlockAsync(alice, $"<room action='deny'>{Coven}</room><user action='deny'>Bob@example.test</user>"));
        AssertResult(await BlockAsync(alice, "<user action='allow'>nobody@example.test</user>"));

        await alice.SendAsync($"<iq type='get' id='1' to='{Service}'><query xmlns='{Ns.MucLightBlocking}'/></iq>");
        var list = await alice.ExpectAsync($"<iq type='result' id='1' from='{Service}'><query xmlns='{Ns.MucLightBlocking}'><user action='deny'>bob@example.test</user><room action='deny'>{Coven}</room></query></iq>");
        Assert.Equal(2, list.FirstChild!.Value.Children.Count);
        AssertResult(await BlockAsync(alice, $"<room action='allow'>{Coven}</room><user action='allow'>bob@example.test</user>"));
        Assert.Empty((await alice.AskAsync($"<iq type='get' to='{Service}'><query xmlns='{Ns.MucLightBlocking}'/></iq>")).FirstChild!.Value.Children);
    }

    [Theory] // MUL-040
    [InlineData("<room action='deny'>muclight.example.test</room>")]
    [InlineData("<user action='deny'>example.test</user>")]
    [InlineData("<user action='deny'>bob@example.test/x</user>")]
    [InlineData("<user action='deny'></user>")]
    [InlineData("<user action='block'>bob@example.test</user>")]
    [InlineData("<user>bob@example.test</user>")]
    [InlineData("<who action='deny'>bob@example.test</who>")]
    public async Task An_item_that_cannot_be_read_refuses_all(string item)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");

        AssertError(await BlockAsync(alice, "<user action='deny'>carol@example.test</user>" + item), BadRequest);
        Assert.Empty((await alice.AskAsync($"<iq type='get' to='{Service}'><query xmlns='{Ns.MucLightBlocking}'/></iq>")).FirstChild!.Value.Children);
    }

    [Fact] // MUL-025, MUL-040
    public async Task Who_blocks_is_silently_not_added()
    {
        await using var server = await StartAsync(new MucLightOptions { AllCanInvite = true });
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await using var carol = await server.ComeAsync("carol");
        await using var dave = await server.ComeAsync("dave");
        AssertResult(await BlockAsync(bob, "<user action='deny'>alice@example.test</user>"));
        AssertResult(await BlockAsync(carol, $"<room action='deny'>{Coven}</room>"));
        await alice.CreateAsync(Coven, User("bob") + User("carol") + User("dave"), "", dave);
        Assert.Equal("alice:owner dave:member", await alice.OccupantsAsync(Coven));
        var version = await alice.VersionAsync(Coven);

        AssertResult(await alice.AffiliateAsync(Coven, User("bob"), User("carol")));
        Assert.Equal(version, await alice.VersionAsync(Coven)); // nothing remained: no change, no notice
        await alice.ExpectNothingAsync();
        AssertResult(await alice.AffiliateAsync(Coven, User("bob", "owner"))); // nor does he become the owner, and nobody gives way
        Assert.Equal("alice:owner dave:member", await alice.OccupantsAsync(Coven));
        AssertResult(await dave.AffiliateAsync(Coven, User("bob"))); // dave he does not block
        Assert.Equal("alice:owner bob:member dave:member", await alice.OccupantsAsync(Coven));
    }

    [Fact] // MUL-040: one's own list keeps nobody from one's own room
    public async Task Who_blocks_a_room_may_still_create_it()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        AssertResult(await BlockAsync(alice, $"<room action='deny'>{Coven}</room><user action='deny'>alice@example.test</user>"));

        await alice.CreateAsync(Coven);

        Assert.Equal("alice:owner", await alice.OccupantsAsync(Coven));
    }

    [Fact] // MUL-040
    public async Task Blocking_can_be_switched_off_and_is_the_services_business()
    {
        await using var off = await StartAsync(new MucLightOptions { Blocking = false });
        await using var alice = await off.ComeAsync("alice");
        AssertError(await BlockAsync(alice, "<user action='deny'>bob@example.test</user>"), BadRequest);
        AssertError(await alice.AskAsync($"<iq type='get' to='{Service}'><query xmlns='{Ns.MucLightBlocking}'/></iq>"), BadRequest);

        await using var on = await StartAsync();
        await using var bob = await on.ComeAsync("bob");
        AssertError(await bob.AskAsync($"<iq type='get' to='{Coven}'><query xmlns='{Ns.MucLightBlocking}'/></iq>"), BadRequest);
    }

    private static Task<XmlElement> BlockAsync(TestClient client, string items) =>
        client.AskAsync($"<iq type='set' to='{Service}'><query xmlns='{Ns.MucLightBlocking}'>{items}</query></iq>");
}
