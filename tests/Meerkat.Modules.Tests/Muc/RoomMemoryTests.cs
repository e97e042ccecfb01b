using Meerkat.Modules.Muc;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>What rooms cost while somebody is in them, and while nobody is.</summary>
[Collection("Memory is measured")]
public sealed class RoomMemoryTests
{
    private const int Rooms = 1_900; // an account may send directed presence to two thousand
    private const int Most = 8 * 1024;

    [Fact]
    public async Task A_small_room_at_work_costs_few_kilobytes_and_an_empty_one_nothing()
    {
        await using var server = await MucServer.StartAsync(new MucOptions { MaxUserConferences = int.MaxValue, DefaultRoom = new DefaultRoomOptions { Persistent = true } }, store: new TroubledRoomStore { Forgets = true });
        await using var client = await server.ConnectAsync("owner", "pc");
        var rooms = ((MucModule)server.Host.Modules["mod_muc"]).Rooms;
        await EnterAsync("warm", 50); // tables and caches have their size
        var empty = Memory();
        await EnterAsync("room", Rooms);
        var each = (Memory() - empty) / Rooms;
        TestContext.Current.TestOutputHelper?.WriteLine($"{each} bytes a room with one occupant");
        Assert.InRange(each, 1, Most);

        // Somebody has left all of them: after the time for it nothing is left of a room.
        await client.SendAsync("<presence type='unavailable'/>");
        foreach (var room in rooms.Local.ToArray())
        {
            await client.SendAsync($"<presence type='unavailable' to='{room}/owner'/>");
        }

        await client.AskAsync($"<iq type='get' to='{MucServer.Service}'><ping xmlns='urn:xmpp:ping'/></iq>");
        for (var seconds = 0; seconds < 100; seconds += 5)
        {
            server.Time.Advance(TimeSpan.FromSeconds(5));
        }

        while (rooms.Count > 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            server.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        async Task EnterAsync(string name, int count)
        {
            for (var number = 0; number < count; number++)
            {
                await client.JoinAsync("owner", $"{name}{number}@{MucServer.Service}");
                await client.AskAsync($"<iq type='set' to='{name}{number}@{MucServer.Service}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
            }
        }
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}

/// <summary>Tests that weigh the heap have it for themselves.</summary>
[CollectionDefinition("Memory is measured", DisableParallelization = true)]
public sealed class MemoryIsMeasured;
