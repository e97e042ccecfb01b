using Meerkat.Load.Client;

namespace Meerkat.Load.Scenarios;

/// <summary>A room for a measurement. Its first visitor makes it, for as many as come.</summary>
internal sealed class LoadRoom(Target target, string name)
{
    public string Address { get; } = $"{name}@conference.{target.Domain}";

    /// <summary>Enters under a nick of the user's number, and returns when the server has handled it.</summary>
    public async Task EnterAsync(XmppClient client, int user, CancellationToken ct)
    {
        var entered = System.Text.Encoding.ASCII.GetBytes("<subject");
        await client.SendAsync($"<presence to='{Address}/n{user}'><x xmlns='http://jabber.org/protocol/muc'/></presence>", ct);
        await client.CountUntilAsync(entered, "<presence"u8.ToArray(), ct);
        if (user == 0)
        {
            await client.SendAsync(
                $"<iq type='set' id='room-made' to='{Address}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>"
                + "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#roomconfig</value></field></x></query></iq>", ct);
            await client.CountUntilAsync("room-made"u8.ToArray(), "<presence"u8.ToArray(), ct);
        }
    }
}
