using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>
/// Full log-ins one after the other: connection, TLS handshake without resumption, stream, SASL, bind, stream end. The figure is the server's
/// processor time per log-in. The generator's own keys are derived in the warm-up, and what a server loads or compiles late is behind it.
/// </summary>
internal sealed class LogInScenario(Target target, string name, int users, TimeSpan warmUp, TimeSpan measured, int most, int atOnce)
{
    public static LogInScenario From(Target target, LoadArguments args) => new(
        target, args.Text("name", "log-in"), args.Number("users", 64), args.Time("warm-up", 2), args.Time("seconds", 4), args.Number("most", 20_000), args.Number("at-once", 8));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var connection = 0;
        await Crowd.EachAsync(users * 2, atOnce, (i, stop) => OneAsync(i % users, Interlocked.Increment(ref connection), stop), ct);

        var begun = System.Diagnostics.Stopwatch.StartNew();
        await RepeatAsync(() => begun.Elapsed < warmUp);
        var (meter, done) = (new Meter(target), 0);
        await RepeatAsync(() => meter.Elapsed < measured && Interlocked.Increment(ref done) <= most);
        return meter.CpuPer(name, "us/log-in", Math.Min(done, most), "");

        Task RepeatAsync(Func<bool> goesOn) => Crowd.EachAsync(
            atOnce,
            atOnce,
            async (worker, stop) =>
            {
                // Each worker has users of its own: two log-ins of one account at a time would fight over the resource.
                var user = worker;
                while (goesOn())
                {
                    await OneAsync(user, Interlocked.Increment(ref connection), stop);
                    user = user + atOnce < users ? user + atOnce : worker;
                }

                return 0;
            },
            ct);
    }

    private async Task<bool> OneAsync(int user, int connection, CancellationToken ct)
    {
        await using var client = await XmppClient.LogInAsync(target, user, connection, ct);
        await client.CloseAsync(ct);
        return true;
    }
}
