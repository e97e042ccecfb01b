using System.Net.Sockets;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>Sessions that asked for their roster, sent presence and then do nothing. The figure is what each adds to resident memory.</summary>
internal sealed class IdleScenario(Target target, string name, int sessions, TimeSpan settle, int atOnce)
{
    private const int WarmUpSessions = 20;

    public static IdleScenario From(Target target, LoadArguments args) => new(
        target, args.Text("name", "idle"), args.Number("sessions", 5000), args.Time("settle", 5), args.Number("at-once", 16));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        // The first sessions pay for code and tables that every server loads late; that is not the cost of a session.
        var first = await Crowd.EachAsync(WarmUpSessions, 4, OneAsync, ct);
        foreach (var client in first)
        {
            await client.CloseAsync(ct);
            await client.DisposeAsync();
        }

        await Task.Delay(settle, ct);
        var meter = new Meter(target);
        var clients = await Crowd.EachAsync(sessions, atOnce, OneAsync, ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var drains = clients.Select(client => DrainAsync(client, stop.Token)).ToArray();
        await Task.Delay(settle, ct);

        var lost = drains.Count(drain => drain.IsCompleted);
        var measurement = meter.MemoryPer(name, "KiB/session", sessions, lost == 0 ? "" : $"FAILED: {lost} sessions ended; ");
        await stop.CancelAsync();
        await Task.WhenAll(drains);
        await Crowd.DisposeAsync(clients);
        return measurement;
    }

    private async Task<XmppClient> OneAsync(int user, CancellationToken ct)
    {
        var client = await XmppClient.LogInAsync(target, user, user, ct);
        await client.BecomeAvailableAsync("<presence"u8.ToArray(), ct);
        return client;
    }

    private static async Task DrainAsync(XmppClient client, CancellationToken ct)
    {
        try
        {
            while (await client.CountAsync("<presence"u8.ToArray(), ct) >= 0)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // Ended, by us or by the server: the caller counts those that ended early.
        }
    }
}
