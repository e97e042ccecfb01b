using System.Globalization;
using Meerkat.Hostile;
using Meerkat.Testing.Databases;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>Writers at work, and something that is killed meanwhile; after each kill what was acknowledged is read back. <c>MEERKAT_KILLS</c> says how many, <c>MEERKAT_SEED</c> repeats the moments.</summary>
internal static class CrashRounds
{
    public const int Writers = 4;

    public static int Kills(int otherwise) => int.Parse(Environment.GetEnvironmentVariable("MEERKAT_KILLS") ?? otherwise.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static int Seed() =>
        Environment.GetEnvironmentVariable("MEERKAT_SEED") is { } asked ? int.Parse(asked, CultureInfo.InvariantCulture) : Environment.TickCount & 0xFFFFFF;

    /// <summary>Kills the server, again and again.</summary>
    /// <param name="seed">Of the moments.</param>
    /// <param name="kills">How many.</param>
    /// <param name="configure">Changes the configuration; null for the embedded database.</param>
    public static async Task<CrashLedger> KillServerAsync(int seed, int kills, Func<string, string>? configure = null)
    {
        var random = new Random(seed);
        var moments = new List<int>();
        var ledger = new CrashLedger();
        await using var server = await ServerProcess.StartAsync(configure);
        for (var kill = 1; kill <= kills; kill++)
        {
            moments.Add(random.Next(0, 300));
            await WriteUntilKilledAsync(server, ledger, kill, moments[^1]);
            await server.RestartAsync();
            await ReadBackAsync(server, ledger, seed, moments);
        }

        Say(ledger, seed, moments, "the server");
        return ledger;
    }

    /// <summary>Kills the database below a server that goes on, again and again.</summary>
    public static async Task<CrashLedger> KillDatabaseAsync(int seed, int kills, DatabaseProcess database, Func<string, string> configure)
    {
        var random = new Random(seed);
        var moments = new List<int>();
        var ledger = new CrashLedger { AllowsRefusals = true };
        await using var server = await ServerProcess.StartAsync(configure);
        for (var kill = 1; kill <= kills; kill++)
        {
            using var never = new CancellationTokenSource();
            using var finished = new CancellationTokenSource();
            var writers = await LogInAsync(server, ledger, kill);
            var writing = writers.Select(writer => writer.WriteAsync(never.Token, finished.Token)).ToArray();
            var failed = Task.WhenAny(writing);
            await Task.WhenAny(Task.WhenAll(writers.Select(writer => writer.AtWork)), failed);
            moments.Add(random.Next(0, 300));
            await Task.WhenAny(Task.Delay(moments[^1]), failed);
            await database.KillAsync();
            await database.StartAsync();

            // Every writer gets on again.
            var rounds = writers.Select(writer => writer.Rounds).ToArray();
            while (!failed.IsCompleted && writers.Zip(rounds).Any(pair => pair.First.Rounds < pair.Second + 2))
            {
                await Task.Delay(20);
            }

            await finished.CancelAsync();
            await Task.WhenAll(writing);
            await ReadBackAsync(server, ledger, seed, moments);
        }

        Say(ledger, seed, moments, "the database");
        return ledger;
    }

    public static async Task WriteUntilKilledAsync(ServerProcess server, CrashLedger ledger, int kill, int moment)
    {
        using var killed = new CancellationTokenSource();
        var writers = await LogInAsync(server, ledger, kill);
        var writing = writers.Select(writer => writer.WriteAsync(killed.Token)).ToArray();

        // The moment is counted from where every writer is at work, however slow the machine is; a writer that ends before it has failed.
        var failed = Task.WhenAny(writing);
        await Task.WhenAny(Task.WhenAll(writers.Select(writer => writer.AtWork)), failed);
        await Task.WhenAny(Task.Delay(moment), failed);
        await killed.CancelAsync();
        await server.KillAsync();
        await Task.WhenAll(writing);
    }

    private static async Task<CrashWriter[]> LogInAsync(ServerProcess server, CrashLedger ledger, int kill)
    {
        var writers = Enumerable.Range(0, Writers).Select(writer => new CrashWriter(server, ledger, writer, kill)).ToArray();
        await Task.WhenAll(writers.Select(writer => writer.LogInAsync()));
        return writers;
    }

    private static async Task ReadBackAsync(ServerProcess server, CrashLedger ledger, int seed, List<int> moments)
    {
        await ledger.ReadBackAsync(server);
        Assert.True(ledger.Lost.Count == 0, $"seed {seed}, kill {moments.Count} of moments {string.Join(' ', moments)} ms: lost {string.Join(", ", ledger.Lost)}; {ledger}");
    }

    private static void Say(CrashLedger ledger, int seed, List<int> moments, string what) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {moments.Count} kills of {what} at {string.Join(' ', moments)} ms under load; {ledger}; nothing lost");
}
