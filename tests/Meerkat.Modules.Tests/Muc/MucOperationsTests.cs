using Meerkat.Modules.Muc;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>Rooms by the interfaces for programs.</summary>
public sealed class MucOperationsTests
{
    private static readonly BareJid s_room = BareJid.Parse(MucServer.Room);

    [Fact] // GQA-MUC-01
    public async Task An_owner_without_a_session_owns_a_room_and_enters_it_later()
    {
        await using var server = await MucServer.StartAsync();
        var operations = ((MucModule)server.Host.Modules["mod_muc"]).Operations;
        var ct = TestContext.Current.CancellationToken;
        var owner = BareJid.Parse("owner@example.test");
        Assert.Null(await operations.CreateInstantRoomAsync(s_room, owner, "owner", ct));
        Assert.Equal("could_not_create_room", await operations.CreateInstantRoomAsync(s_room, BareJid.Parse("other@example.test"), "x", ct));
        Assert.Empty((await operations.ListUsersAsync(s_room, null, ct)).Users!);
        Assert.Equal([(owner, Affiliation.Owner)], (await operations.ListAffiliationsAsync(s_room, null, null, ct)).Affiliations!.Select(entry => (entry.User.Bare, entry.Affiliation)));
        await using var client = await server.ConnectAsync("owner", "pc");
        Assert.Equal("owner", (await client.JoinAsync("owner"))[^2].Item().Attribute("affiliation"));
    }

    [Fact] // GQA-MUC-12: hidden rooms count, and are not shown
    public async Task A_part_of_the_list_counts_what_it_does_not_show()
    {
        await using var server = await MucServer.StartAsync();
        var operations = ((MucModule)server.Host.Modules["mod_muc"]).Operations;
        var ct = TestContext.Current.CancellationToken;
        await using var owner = await server.CreateAsync("owner", "owner", "roomname=Den", "publicroom=0");
        foreach (var name in (string[])["a", "b"])
        {
            await operations.CreateInstantRoomAsync(BareJid.Parse($"{name}@{MucServer.Service}"), BareJid.Parse("owner@example.test"), name, ct);
        }

        var stranger = await operations.BrowseRoomsAsync(MucServer.Service, Jid.Parse("bob@example.test"), 2, 1, ct);
        Assert.Equal((3, 1), (stranger.Count, stranger.Index));
        Assert.Equal(["b"], stranger.Rooms.Select(room => room.Title));
        var own = await operations.BrowseRoomsAsync(MucServer.Service, Jid.Parse("owner@example.test"), null, 2, ct);
        Assert.Equal(("Den", true, 1), own.Rooms.Select(room => (room.Title, room.IsPrivate, room.Occupants)).Single());
    }
}
