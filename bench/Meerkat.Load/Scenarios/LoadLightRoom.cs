using Meerkat.Load.Client;

namespace Meerkat.Load.Scenarios;

/// <summary>A room of MUC Light for a measurement: its owner makes it with all of its members in it.</summary>
internal static class LoadLightRoom
{
    /// <returns>Its address, when all have been told of it.</returns>
    public static async Task<string> MakeAsync(Target target, XmppClient[] clients, CancellationToken ct)
    {
        var address = $"talk-{Guid.NewGuid():N}@muclight.{target.Domain}";
        var members = string.Concat(Enumerable.Range(1, clients.Length - 1).Select(user => $"<user affiliation='member'>{target.Localpart(user)}@{target.Domain}</user>"));
        await clients[0].SendAsync(
            $"<iq type='set' id='room-made' to='{address}'><query xmlns='urn:xmpp:muclight:0#create'><configuration><roomname>talk</roomname></configuration><occupants>{members}</occupants></query></iq>", ct);
        await clients[0].CountUntilAsync("room-made"u8.ToArray(), "<presence"u8.ToArray(), ct);
        foreach (var client in clients)
        {
            await client.SendAsync($"<iq type='get' id='told' to='{target.Domain}'><ping xmlns='urn:xmpp:ping'></ping></iq>", ct);
            await client.CountUntilAsync("told"u8.ToArray(), "<presence"u8.ToArray(), ct);
        }

        return address;
    }
}
