using Meerkat.Modules.MucLight;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Modules.Tests.MucLight.MucLightFixture;

namespace Meerkat.Modules.Tests.MucLight;

/// <summary>What administrators and programs do (GQA-MUCLIGHT-01 to 13, GQU-MUCLIGHT-01 to 12).</summary>
public sealed class MucLightOperationsTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_alice = BareJid.Parse("alice@example.test");
    private static readonly BareJid s_bob = BareJid.Parse("bob@example.test");
    private static readonly BareJid s_nobody = BareJid.Parse("nobody@example.test");
    private static readonly BareJid s_coven = BareJid.Parse(Coven);
    private static readonly BareJid s_nowhere = BareJid.Parse("nowhere@" + Service);
    private static readonly BareJid s_elsewhere = BareJid.Parse("coven@elsewhere.test");

    [Fact] // GQA-MUCLIGHT-01
    public async Task A_room_is_created_in_somebodys_name()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        var operations = new MucLightOperations(server.Context);

        var (result, room) = await operations.CreateAsync(Service, "coven", s_alice, [new("subject", "old"), new("roomname", "x")], "Name", null, None);

        Assert.True(result.IsDone);
        Assert.Equal((Coven, "Name", "old"), (room!.Jid.ToString(), room.Name, room.Subject));
        Assert.Equal([new("roomname", "Name"), new("subject", "old")], operations.Show(room));
        Assert.Equal("alice:owner", (await alice.ReceiveAsync()).Users());
        Assert.Equal(MucLightOutcome.AlreadyExists, (await operations.CreateAsync(Service, "coven", s_alice, [], null, null, None)).Result.Outcome);
        Assert.NotNull((await operations.CreateAsync(Service, null, s_alice, [], null, null, None)).Room!.Jid.Local);
        Assert.Equal(MucLightOutcome.UserNotFound, (await operations.CreateAsync(Service, null, s_nobody, [], null, null, None)).Result.Outcome);
        Assert.Equal(MucLightOutcome.ServiceNotFound, (await operations.CreateAsync("example.test", null, s_alice, [], null, null, None)).Result.Outcome);
        Assert.Equal(MucLightOutcome.Invalid, (await operations.CreateAsync(Service, "a b", s_alice, [], null, null, None)).Result.Outcome);
        Assert.Equal(MucLightOutcome.Invalid, (await operations.CreateAsync(Service, null, s_alice, [new("colour", "red")], null, null, None)).Result.Outcome);
    }

    [Fact] // GQA-MUCLIGHT-02, GQU-MUCLIGHT-02
    public async Task A_configuration_is_changed_in_somebodys_name()
    {
        var (server, alice, operations) = await WithRoomAsync();
        await using var both = server;
        await using var client = alice;

        var (result, fields) = await operations.ConfigureAsync(s_coven, s_alice, [], "New", null, None);
        Assert.True(result.IsDone);
        Assert.Equal([new("roomname", "New")], fields);
        Assert.Equal(MucLightOutcome.NotAllowed, (await operations.ConfigureAsync(s_coven, s_bob, [], "x", null, None)).Result.Outcome);
        Assert.True((await operations.ConfigureAsync(s_coven, s_bob, [], null, "x", None)).Result.IsDone);
        Assert.Equal(MucLightOutcome.NotOccupant, (await operations.ConfigureAsync(s_coven, await AccountAsync(server, "eve"), [], "x", null, None)).Result.Outcome);
        Assert.Equal(MucLightOutcome.RoomNotFound, (await operations.ConfigureAsync(s_nowhere, s_alice, [], "x", null, None)).Result.Outcome);
        Assert.Equal(MucLightOutcome.ServiceNotFound, (await operations.ConfigureAsync(s_elsewhere, s_alice, [], "x", null, None)).Result.Outcome);
        Assert.Equal(MucLightOutcome.UserNotFound, (await operations.ConfigureAsync(s_coven, s_nobody, [], "x", null, None)).Result.Outcome);
        Assert.Equal(MucLightOutcome.Invalid, (await operations.ConfigureAsync(s_coven, s_alice, [new("colour", "x")], null, null, None)).Result.Outcome);
    }

    [Fact] // GQA-MUCLIGHT-03, 04, 05, GQU-MUCLIGHT-03 to 05
    public async Task People_are_invited_and_kicked_and_rooms_destroyed()
    {
        var (server, alice, operations) = await WithRoomAsync();
        await using var both = server;
        await using var client = alice;
        var carol = await AccountAsync(server, "carol");

        Assert.Equal(MucLightOutcome.NotAllowed, (await operations.InviteAsync(s_coven, s_bob, carol, None)).Outcome);
        Assert.True((await operations.InviteAsync(s_coven, s_alice, carol, None)).IsDone);
        Assert.Equal(MucLightOutcome.NotAllowed, (await operations.KickAsync(s_coven, s_bob, carol, None)).Outcome);
        Assert.True((await operations.KickAsync(s_coven, carol, carol, None)).IsDone);
        Assert.Equal(MucLightOutcome.NotOccupant, (await operations.KickAsync(s_coven, carol, carol, None)).Outcome);
        Assert.True((await operations.KickAsync(s_coven, s_alice, s_bob, None)).IsDone);
        Assert.Equal(MucLightOutcome.NotOccupant, (await operations.DestroyAsync(s_coven, s_bob, None)).Outcome);
        Assert.Equal(MucLightOutcome.ServiceNotFound, (await operations.DestroyAsync(s_elsewhere, None)).Outcome);
        Assert.Equal(MucLightOutcome.RoomNotFound, (await operations.DestroyAsync(s_nowhere, None)).Outcome);
        Assert.True((await operations.DestroyAsync(s_coven, None)).IsDone);
        Assert.Equal(MucLightOutcome.RoomNotFound, (await operations.DestroyAsync(s_coven, s_alice, None)).Outcome);
    }

    [Fact] // GQA-MUCLIGHT-06
    public async Task Something_is_said_in_somebodys_name()
    {
        var (server, alice, operations) = await WithRoomAsync();
        await using var both = server;
        await using var client = alice;
        var body = new XmlBuilder("body", Ns.Client).Text("hi").Build();

        Assert.True((await operations.SayAsync(s_coven, s_bob, "m1", [body], None)).IsDone);

        await alice.ExpectAsync($"<message from='{Coven}/bob@example.test' type='groupchat' id='m1'><body>hi</body></message>");
        Assert.Equal(MucLightOutcome.NotOccupant, (await operations.SayAsync(s_coven, await AccountAsync(server, "eve"), null, [body], None)).Outcome);
        Assert.Equal(MucLightOutcome.UserNotFound, (await operations.SayAsync(s_coven, s_nobody, null, [body], None)).Outcome);
        Assert.Equal(MucLightOutcome.RoomNotFound, (await operations.SayAsync(s_nowhere, s_bob, null, [body], None)).Outcome);
    }

    [Fact] // GQA-MUCLIGHT-07, 12
    public async Task Blocking_lists_are_read_and_changed()
    {
        var (server, alice, operations) = await WithRoomAsync();
        await using var both = server;
        await using var client = alice;

        Assert.True((await operations.SetBlockingAsync(s_alice, [(new MucLightBlock(false, s_bob), true), (new MucLightBlock(true, s_coven), true)], None)).IsDone);
        Assert.True((await operations.SetBlockingAsync(s_alice, [(new MucLightBlock(true, s_coven), false)], None)).IsDone);

        Assert.Equal([new MucLightBlock(false, s_bob)], await operations.GetBlockingAsync(s_alice, None));
        Assert.Null(await operations.GetBlockingAsync(s_nobody, None));
        Assert.Equal(MucLightOutcome.UserNotFound, (await operations.SetBlockingAsync(s_nobody, [], None)).Outcome);
    }

    [Fact] // GQA-MUCLIGHT-09 to 11, 13, GQU-MUCLIGHT-09 to 11
    public async Task Rooms_are_found_and_listed()
    {
        var (server, alice, operations) = await WithRoomAsync();
        await using var both = server;
        await using var client = alice;

        Assert.Equal(2, (await operations.FindAsync(s_coven, null, None)).Room!.Occupants.Count);
        Assert.NotNull((await operations.FindAsync(s_coven, s_bob, None)).Room);
        Assert.Equal(MucLightOutcome.NotOccupant, (await operations.FindAsync(s_coven, await AccountAsync(server, "eve"), None)).Result.Outcome);
        Assert.Equal(MucLightOutcome.UserNotFound, (await operations.FindAsync(s_coven, s_nobody, None)).Result.Outcome);
        Assert.Equal(MucLightOutcome.RoomNotFound, (await operations.FindAsync(s_nowhere, null, None)).Result.Outcome);
        Assert.Equal(MucLightOutcome.ServiceNotFound, (await operations.FindAsync(s_elsewhere, null, None)).Result.Outcome);
        Assert.Equal([s_coven], (await operations.ListAsync(s_bob, None))!.Select(room => room.Room));
        Assert.Null(await operations.ListAsync(s_nobody, None));
        Assert.Equal(Coven, Assert.Single((await operations.SearchAsync(Service, "COV", null, 50, None))!.Rooms).Room.ToString());
        Assert.Null(await operations.SearchAsync("example.test", null, null, 50, None));
    }

    private static async Task<(TestServer Server, TestClient Alice, MucLightOperations Operations)> WithRoomAsync()
    {
        var server = await StartAsync();
        var alice = await server.ComeAsync("alice");
        await AccountAsync(server, "bob");
        await alice.CreateAsync(Coven, User("bob"));
        return (server, alice, new MucLightOperations(server.Context));
    }

    private static async Task<BareJid> AccountAsync(TestServer server, string name)
    {
        await server.Accounts.AddAsync($"{name}@example.test", "secret");
        return BareJid.Parse($"{name}@example.test");
    }
}
