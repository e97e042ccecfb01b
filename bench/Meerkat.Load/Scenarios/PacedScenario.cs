using System.Diagnostics;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>
/// Users in pairs who together send <c>--rate</c> messages a second for <c>--seconds</c>, whatever comes back. All must arrive in time, all must be archived where the server does that, and
/// its queue may not be full meanwhile.
/// </summary>
internal sealed class PacedScenario(Target target, string name, int users, int rate, TimeSpan duration, RowCount? archive, GaugeWatch? watch, int queueLimit, bool hasOriginIds)
{
    private const string Queue = "meerkat_mam_waiting";
    private const string Dropped = "meerkat_mam_dropped_total";
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);

    public static PacedScenario From(Target target, LoadArguments args) => new(
        target, args.Text("name", "paced"), args.Number("users", 100), args.Number("rate", 3000), args.Time("seconds", 60), RowCount.From(args), GaugeWatch.From(args), args.Number("queue-limit", 50_000),
        args.Text("origin-ids", "no") == "yes");

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var rows = archive is null ? 0 : await archive.NowAsync(ct);
        var clients = await Crowd.LogInAsync(target, users, atOnce: 8, ct);
        var chatters = await Chatter.PairAsync(target, clients, rate, reply: false, hasOriginIds, ct);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var pumps = chatters.Select(chatter => Task.Run(() => chatter.ReplyAsync(stop.Token), ct)).ToArray();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var watching = watch?.HighestAsync(Queue, done.Token);
        var meter = new Meter(target);
        await SendAsync(chatters, ct);
        var sending = meter.Elapsed;
        var missing = await Chatter.SettleAsync(chatters, ct);
        var settled = meter.Elapsed;
        var measurement = meter.CpuPer(name, "us/message", Chatter.DeliveredTo(chatters), "");

        var sent = chatters.Sum(chatter => chatter.Sent);
        var kept = archive is null ? "" : await archive.CheckAsync(rows, sent, ct);
        await done.CancelAsync();
        var queue = watching is null ? "" : await QueueAsync(await watching, ct);
        await stop.CancelAsync();
        await Task.WhenAll(pumps);
        await Crowd.DisposeAsync(clients);
        watch?.Dispose();
        var errors = chatters.Sum(chatter => chatter.Errors);
        var late = settled - duration;
        var fate = missing + errors > 0 ? $"FAILED: {missing} lost, {errors} errors; " : late > TimeSpan.FromSeconds(1) ? $"FAILED: the last came {late.TotalSeconds:F1} s late; " : "";
        return measurement with { Note = $"{fate}{kept}{queue}{sent} sent in {sending.TotalSeconds:F1} s, the last came {settled.TotalSeconds:F2} s after the first was sent; {measurement.Note}" };
    }

    // In even steps: what a late step owes the next one sends.
    private async Task SendAsync(Chatter[] chatters, CancellationToken ct)
    {
        var total = (long)(rate * duration.TotalSeconds);
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(s_tick);
        for (long sent = 0; sent < total; await timer.WaitForNextTickAsync(ct))
        {
            var due = Math.Min(total, (long)(Stopwatch.GetElapsedTime(began).TotalSeconds * rate));
            for (; sent < due; sent++)
            {
                await chatters[(int)(sent % users)].SendAsync(1, ct);
            }
        }
    }

    private async Task<string> QueueAsync(double highest, CancellationToken ct)
    {
        var dropped = await watch!.NowAsync(Dropped, ct);
        var fate = highest >= queueLimit || dropped > 0 ? "FAILED: " : "";
        return $"{fate}at most {highest} of {queueLimit} in the queue, {dropped} dropped; ";
    }
}
