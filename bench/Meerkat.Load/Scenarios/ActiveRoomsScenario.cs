using System.Globalization;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>
/// Many small rooms with somebody in each of them, and something said in each. The figure is what a room adds to the server's resident memory, its occupants included;
/// the connections were there before.
/// </summary>
internal sealed class ActiveRoomsScenario(Target target, int rooms, int occupants, int users, TimeSpan settle, int atOnce)
{
    private const int WarmUpRooms = 200;

    public static ActiveRoomsScenario From(Target target, LoadArguments args) => new(
        target, args.Number("rooms", 10_000), args.Number("occupants", 1), args.Number("users", 100), args.Time("settle", 5), args.Number("at-once", 8));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var clients = await Crowd.LogInAsync(target, users, atOnce, ct);
        foreach (var client in clients)
        {
            await client.BecomeAvailableAsync("<presence"u8.ToArray(), ct);
        }

        await EnterAsync(clients, "warm", WarmUpRooms, ct);
        await Task.Delay(settle, ct);
        var meter = new Meter(target);
        await EnterAsync(clients, "active", rooms, ct);
        await Task.Delay(settle, ct);
        var measurement = meter.MemoryPer(string.Create(CultureInfo.InvariantCulture, $"active-rooms-{occupants}"), "KiB/room", rooms, "");
        await Crowd.DisposeAsync(clients);
        return measurement;
    }

    // Each user enters a share of the rooms, one after the other; when all have an occupant, the neighbours follow.
    private async Task EnterAsync(XmppClient[] clients, string name, int count, CancellationToken ct)
    {
        for (var place = 0; place < occupants; place++)
        {
            var shift = place;
            await Crowd.EachAsync(users, atOnce, (user, stop) => EnterShareAsync(clients[user], name, count, user, shift, stop), ct);
        }
    }

    private async Task<int> EnterShareAsync(XmppClient client, string name, int count, int user, int place, CancellationToken ct)
    {
        var entered = 0;
        for (var number = (user + place) % users; number < count; number += users, entered++)
        {
            var room = new LoadRoom(target, $"{name}{number}");
            await room.EnterAsync(client, place, ct);
            await client.SendAsync($"<message to='{room.Address}' type='groupchat' id='m1'><body>{new string('m', 100)}</body></message>", ct);
            await client.CountUntilAsync("</message>"u8.ToArray(), "<presence"u8.ToArray(), ct);
        }

        return entered;
    }
}
