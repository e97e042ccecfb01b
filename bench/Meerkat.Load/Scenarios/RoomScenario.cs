using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>A user enters a room, which is made persistent where it is new, and leaves it again.</summary>
internal sealed class RoomScenario(Target target, string name)
{
    public static RoomScenario From(Target target, LoadArguments args) => new(target, args.Text("name", "kept"));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var address = $"{name}@conference.{target.Domain}";
        await using var client = await XmppClient.LogInAsync(target, 0, 0, ct);
        var meter = new Meter(target);
        await client.BecomeAvailableAsync("<presence"u8.ToArray(), ct);
        await client.SendAsync($"<presence to='{address}/n'><x xmlns='http://jabber.org/protocol/muc'/></presence>", ct);
        await client.CountUntilAsync("<subject"u8.ToArray(), "<presence"u8.ToArray(), ct);
        await client.SendAsync(
            $"<iq type='set' id='room-kept' to='{address}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>"
            + "<field var='muc#roomconfig_persistentroom'><value>1</value></field></x></query></iq>", ct);
        await client.CountUntilAsync("room-kept"u8.ToArray(), "<presence"u8.ToArray(), ct);
        await client.CloseAsync(ct);
        return meter.CpuPer("room", "us/room", 1, "");
    }
}
