using System.Globalization;
using System.Net.Sockets;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>Users enter a room one after the other and everybody sees everybody: the figure is the server's processor time for all of it, in seconds.</summary>
internal sealed class JoinScenario(Target target, int users, int atOnce)
{
    private static readonly byte[] s_token = "</presence>"u8.ToArray();

    public static JoinScenario From(Target target, LoadArguments args) => new(target, args.Number("users", 1000), args.Number("at-once", 8));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var clients = await Crowd.LogInAsync(target, users, atOnce, ct);
        foreach (var client in clients)
        {
            await client.BecomeAvailableAsync("<presence"u8.ToArray(), ct);
        }

        var room = new LoadRoom(target, "crowd");
        long seen = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var meter = new Meter(target);
        var pumps = new Task[users];
        for (var user = 0; user < users; user++)
        {
            await room.EnterAsync(clients[user], user, ct);
            var client = clients[user];
            pumps[user] = Task.Run(() => ListenAsync(client), ct);
        }

        await Task.Delay(500, ct); // what is still on its way
        var measurement = meter.CpuPer(string.Create(CultureInfo.InvariantCulture, $"join-{users}"), "s", users, "");
        await stop.CancelAsync();
        await Task.WhenAll(pumps);
        await Crowd.DisposeAsync(clients);
        return measurement with { Value = measurement.CpuSeconds, Note = string.Create(CultureInfo.InvariantCulture, $"{seen} presences seen after entering") };

        async Task ListenAsync(XmppClient client)
        {
            try
            {
                int count;
                while ((count = await client.CountAsync(s_token, stop.Token)) >= 0)
                {
                    Interlocked.Add(ref seen, count);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // The measurement is over.
            }
        }
    }
}
