using Meerkat.Xml;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>A client that lost what it knew of a room joins it once more (XEP-0045 §17.3, XEP-0410 §3).</summary>
public sealed class RejoinTests
{
    [Fact] // XEP-0045 §7.2.2: its own presence is the last of the presences, and there is one
    public async Task Joining_again_gives_what_joining_gives_and_nobody_else_notices()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        var first = await alice.JoinAsync("al");
        await owner.PresenceOfAsync("al");

        var again = await alice.JoinAsync("al");

        Assert.Equal(Senders(first), Senders(again));
        Assert.Contains("110", again[1].Codes());
        await owner.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_is_new_in_the_second_join_the_others_learn()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await owner.PresenceOfAsync("al");

        await alice.SendAsync($"<presence to='{MucServer.Room}/al'><x xmlns='http://jabber.org/protocol/muc'/><show>away</show></presence>");

        Assert.Equal([$"{MucServer.Room}/owner", $"{MucServer.Room}/al", MucServer.Room], Senders(await alice.UpToSubjectAsync()));
        Assert.Equal("away", (await owner.PresenceOfAsync("al")).ChildText("show"));
        await owner.ExpectNothingAsync();
    }

    [Fact]
    public async Task Joining_again_by_another_nick_changes_it_and_gives_everything()
    {
        await using var server = await MucServer.StartAsync();
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.JoinAsync("al");
        await owner.PresenceOfAsync("al");

        var again = await alice.JoinAsync("alice");

        Assert.Equal([$"{MucServer.Room}/al", $"{MucServer.Room}/owner", $"{MucServer.Room}/alice", MucServer.Room], Senders(again));
        Assert.Contains("303", again[0].Codes());
        Assert.Contains("303", (await owner.PresenceOfAsync("al", "unavailable")).Codes());
        await owner.PresenceOfAsync("alice");
        await owner.ExpectNothingAsync();
    }

    private static string[] Senders(IEnumerable<XmlElement> stanzas) => [.. stanzas.Select(stanza => stanza.Attribute("from")!)];
}
