using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>
/// A room full of users, of whom one talks: <c>--in-flight</c> messages of his are on their way at any time, the next goes out when one has come back to him.
/// The figure is the server's processor time for each copy that an occupant got.
/// </summary>
internal sealed class GroupchatScenario(Target target, bool isLight, int users, int inFlight, TimeSpan warmUp, TimeSpan measured)
{
    private static readonly byte[] s_end = "</message>"u8.ToArray();

    private long _copies;
    private long _errors;

    public static GroupchatScenario From(Target target, LoadArguments args) => new(
        target, args.Text("kind", "muc") == "muc-light", args.Number("users", 100), args.Number("in-flight", 1), args.Time("warm-up", 2), args.Time("seconds", 4));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var clients = await Crowd.LogInAsync(target, users, atOnce: 8, ct);
        foreach (var client in clients)
        {
            await client.BecomeAvailableAsync("<presence"u8.ToArray(), ct);
        }

        var address = isLight ? await LoadLightRoom.MakeAsync(target, clients, ct) : await EnterAsync(clients, ct);
        var one = Encoding.ASCII.GetBytes($"<message to='{address}' type='groupchat' id='m1'><body>{new string('m', 100)}</body></message>");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var pumps = clients.Select((client, user) => Task.Run(() => ListenAsync(client, user == 0 ? one : null, stop.Token), ct)).ToArray();
        for (var i = 0; i < inFlight; i++)
        {
            await clients[0].SendAsync(one, ct);
        }

        await Task.Delay(warmUp, ct);
        var (meter, before) = (new Meter(target), Volatile.Read(ref _copies));
        await Task.Delay(measured, ct);
        var measurement = meter.CpuPer(string.Create(CultureInfo.InvariantCulture, $"{(isLight ? "muc-light" : "groupchat")}-{users}-{inFlight}"), "us/copy", Volatile.Read(ref _copies) - before, "");
        await stop.CancelAsync();
        await Task.WhenAll(pumps);
        await Crowd.DisposeAsync(clients);
        return _errors == 0 ? measurement : measurement with { Note = $"FAILED: {_errors} errors" };
    }

    private async Task<string> EnterAsync(XmppClient[] clients, CancellationToken ct)
    {
        var room = new LoadRoom(target, "talk");
        for (var user = 0; user < clients.Length; user++)
        {
            await room.EnterAsync(clients[user], user, ct);
        }

        return room.Address;
    }

    private async Task ListenAsync(XmppClient client, byte[]? reply, CancellationToken ct)
    {
        client.UseBufferOf(32 * 1024);
        try
        {
            int count;
            while ((count = await client.CountAsync(s_end, ct)) >= 0)
            {
                if (client.LastRead.IndexOf("<error"u8) >= 0)
                {
                    Interlocked.Increment(ref _errors);
                }

                Interlocked.Add(ref _copies, count);
                for (var i = 0; reply is not null && i < count; i++)
                {
                    await client.SendAsync(reply, ct);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            if (!ct.IsCancellationRequested)
            {
                Interlocked.Increment(ref _errors);
            }
        }
    }
}
