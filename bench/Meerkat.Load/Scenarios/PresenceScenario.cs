using System.Diagnostics;
using System.Net.Sockets;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>
/// Users with mutual contacts log in until all are available. The figure is the server's processor time per log-in, from the first
/// connection until the last presence has come: every pair of contacts makes two, the news and the answer to the probe.
/// </summary>
internal sealed class PresenceScenario(Target target, int users, int contacts, int atOnce)
{
    private static readonly byte[] Presence = "<presence"u8.ToArray();
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private long _received;

    public static PresenceScenario From(Target target, LoadArguments args) => new(
        target, args.Number("users", 5000), args.Number("contacts", 100), args.Number("at-once", 16));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var meter = new Meter(target);
        var drains = new Task[users];
        var clients = await Crowd.EachAsync(
            users,
            atOnce,
            async (user, each) =>
            {
                var client = await XmppClient.LogInAsync(target, user, user, each);
                Interlocked.Add(ref _received, await client.BecomeAvailableAsync(Presence, each));
                drains[user] = DrainAsync(client, stop.Token);
                return client;
            },
            ct);

        // Both directions of each pair. Servers add one's own presence (RFC 6121 §4.2.2) and some tell it twice: their work counts, so it is waited for.
        var expected = (long)users * contacts;
        await QuiesceAsync(expected, ct);
        var received = Interlocked.Read(ref _received);
        var measurement = meter.CpuPer("presence", "us/log-in", users, $"{received} presences for {expected} expected");
        await stop.CancelAsync();
        await Task.WhenAll(drains);
        await Crowd.DisposeAsync(clients);
        return received >= expected ? measurement : measurement with { Note = "FAILED: " + measurement.Note };
    }

    /// <summary>Until all have come and nothing more comes, or nothing has come for long.</summary>
    private async Task QuiesceAsync(long expected, CancellationToken ct)
    {
        var (last, since) = (-1L, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(since) < (last >= expected ? Quiet : Patience))
        {
            var received = Interlocked.Read(ref _received);
            if (received != last)
            {
                (last, since) = (received, Stopwatch.GetTimestamp());
            }

            await Task.Delay(50, ct);
        }
    }

    private async Task DrainAsync(XmppClient client, CancellationToken ct)
    {
        try
        {
            int count;
            while ((count = await client.CountAsync(Presence, ct)) >= 0)
            {
                Interlocked.Add(ref _received, count);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // Ended: what is missing shows in the count.
        }
    }
}
