using Meerkat.Modules.Muc;
using Meerkat.Modules.StreamManagement;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>A presence that a room keeps back is not acknowledged before it was processed, and does not outlive its sender's stay (MUC-046, XEP-0198 §4).</summary>
public sealed class DelayedPresenceTests
{
    private static readonly MucOptions s_slow = new() { MinPresenceInterval = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task What_waits_counts_when_it_or_what_took_its_place_was_processed()
    {
        await using var server = await MucServer.StartAsync(s_slow, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        await using var alice = await server.EnterManagedAsync();
        foreach (var show in (string[])["away", "xa", "dnd"])
        {
            await ShowAsync(alice, show);
        }

        await alice.PingRoomAsync();
        var session = await server.SessionOfAsync(alice);
        Assert.Equal(2u, session.Watermark.Handled); // the join and the first presence

        server.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("away", (await owner.ReceiveAsync(element => element.Child("show") is not null)).ChildText("show"));
        Assert.Equal("dnd", (await owner.ReceiveAsync(element => element.Child("show") is not null)).ChildText("show"));
        await session.Watermark.CaughtUpAsync();
        Assert.Equal(5u, session.Watermark.Handled);
    }

    [Fact]
    public async Task Who_has_left_does_not_come_back_by_what_he_sent_before()
    {
        await using var server = await MucServer.StartAsync(s_slow, with => with.Module<StreamManagementModule>());
        await using var owner = await server.CreateAsync();
        await using var alice = await server.EnterManagedAsync();
        await ShowAsync(alice, "away");
        await alice.SendJoinAsync("al"); // waits
        await alice.SendAsync($"<presence to='{MucServer.Room}/al' type='unavailable'/>");
        await owner.PresenceOfAsync("al", "unavailable");
        await alice.PingRoomAsync();
        var session = await server.SessionOfAsync(alice);
        await session.Watermark.CaughtUpAsync(); // what was dropped is done with

        server.Time.Advance(TimeSpan.FromSeconds(10));

        await owner.ExpectNothingAsync();
    }

    [Fact]
    public async Task Each_session_of_a_user_has_its_last_one()
    {
        await using var server = await MucServer.StartAsync(s_slow);
        await using var owner = await server.CreateAsync();
        await using var phone = await server.ConnectAsync("alice", "phone");
        await using var pc = await server.ConnectAsync("alice", "pc");
        await phone.JoinAsync("phone");
        await pc.JoinAsync("pc");
        await ShowAsync(phone, "chat", "phone");
        await owner.ReceiveAsync(element => element.ChildText("show") == "chat");
        await ShowAsync(phone, "away", "phone");
        await phone.PingRoomAsync(); // they come out in the order in which they came
        await ShowAsync(pc, "xa", "pc");
        await pc.PingRoomAsync();

        server.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("away", (await owner.PresenceOfAsync("phone")).ChildText("show"));
        Assert.Equal("xa", (await owner.PresenceOfAsync("pc")).ChildText("show"));
        await owner.ExpectNothingAsync();
    }

    private static Task ShowAsync(TestClient client, string show, string nick = "al") => client.SendAsync($"<presence to='{MucServer.Room}/{nick}'><show>{show}</show></presence>");
}
