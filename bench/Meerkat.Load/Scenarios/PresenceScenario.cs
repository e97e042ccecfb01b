using System.Diagnostics;
using System.Net.Sockets;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>
/// Users with mutual contacts log in until all are available. The figure is the server's processor time per log-in, from the first
/// connection until the last presence has come: every pair of contacts makes two, the news and the answer to the probe. Before that,
/// some of them come and go, so that what a runtime compiles is compiled.
/// </summary>
internal sealed class PresenceScenario(Target target, int users, int contacts, int atOnce, int warmUp)
{
    private static readonly byte[] Presence = "<presence"u8.ToArray();
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private long _received;

    public static PresenceScenario From(Target target, LoadArguments args) => new(
        target, args.Number("users", 5000), args.Number("contacts", 100), args.Number("at-once", 16), args.Number("warm-up-users", 0));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        if (warmUp > 0)
        {
            await GatherAsync(Math.Min(warmUp, users), () => true, ct);
            await Task.Delay(Patience, ct); // what their leaving makes the server do
        }

        _received = 0;
        var meter = new Meter(target);
        return await GatherAsync(
            users,
            () =>
            {
                // Both directions of each pair. Servers add one's own presence (RFC 6121 §4.2.2) and some tell it twice: their work counts, so it is waited for.
                var (received, expected) = (Interlocked.Read(ref _received), (long)users * contacts);
                var measurement = meter.CpuPer("presence", "us/log-in", users, $"{received} presences for {expected} expected");
                return received >= expected ? measurement : measurement with { Note = "FAILED: " + measurement.Note };
            },
            ct);
    }

    /// <summary>The first of the users come; all leave when what is asked for was taken.</summary>
    private async Task<T> GatherAsync<T>(int count, Func<T> take, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var drains = new Task[count];
        var clients = await Crowd.EachAsync(
            count,
            atOnce,
            async (user, each) =>
            {
                var client = await XmppClient.LogInAsync(target, user, user, each);
                Interlocked.Add(ref _received, await client.BecomeAvailableAsync(Presence, each));
                drains[user] = DrainAsync(client, stop.Token);
                return client;
            },
            ct);
        await QuiesceAsync((long)count * contacts, ct);
        var taken = take();
        await stop.CancelAsync();
        await Task.WhenAll(drains);
        await Crowd.DisposeAsync(clients);
        return taken;
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
