using System.Globalization;
using Meerkat.Hostile;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>What was acknowledged survives <c>kill -9</c> (architecture §2, durability): IQ results, and messages for absent accounts that an <c>h</c> of stream management covers.</summary>
public sealed class CrashTests
{
    private const int Writers = 4;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_by_kill_9()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("MEERKAT_KILLS") ?? "50", CultureInfo.InvariantCulture);
        var seed = Environment.GetEnvironmentVariable("MEERKAT_SEED") is { } asked ? int.Parse(asked, CultureInfo.InvariantCulture) : Environment.TickCount & 0xFFFFFF;
        var random = new Random(seed);
        var moments = new List<int>();
        var ledger = new CrashLedger();
        await using var server = await ServerProcess.StartAsync();
        for (var kill = 1; kill <= kills; kill++)
        {
            var moment = random.Next(20, 400);
            moments.Add(moment);
            await WriteUntilKilledAsync(server, ledger, kill, moment);
            await server.RestartAsync();
            await ledger.ReadBackAsync(server);
            Assert.True(ledger.Lost.Count == 0, $"seed {seed}, kill {kill} of moments {string.Join(' ', moments)} ms: lost {string.Join(", ", ledger.Lost)}; {ledger}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {kills} kills at {string.Join(' ', moments)} ms under load; {ledger}; nothing lost");
        Assert.True(ledger.AcknowledgedMessages > kills, $"too little was acknowledged for the test to mean something: {ledger}");
        Assert.True(ledger.AcknowledgedResults > kills, $"too little was acknowledged for the test to mean something: {ledger}");
    }

    // The test above can fail: what was acknowledged and is dropped behind its acknowledgement is found missing.
    [Fact]
    public async Task What_is_dropped_after_its_acknowledgement_is_missed()
    {
        var ledger = new CrashLedger { Patience = TimeSpan.FromSeconds(1) };
        await using var server = await ServerProcess.StartAsync();
        await WriteUntilKilledAsync(server, ledger, 1, 500);
        await using (var database = new SqliteConnection($"Data Source={server.Database};Pooling=False"))
        {
            await database.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = database.CreateCommand();
            command.CommandText = "DELETE FROM offline_message WHERE id = (SELECT MIN(id) FROM offline_message); DELETE FROM private_xml;";
            Assert.True(await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken) > 1);
        }

        await server.RestartAsync();
        await ledger.ReadBackAsync(server);
        Assert.Single(ledger.Lost, lost => lost.StartsWith("message", StringComparison.Ordinal));
        Assert.Equal(Writers, ledger.Lost.Count(lost => lost.StartsWith("private", StringComparison.Ordinal)));
    }

    private static async Task WriteUntilKilledAsync(ServerProcess server, CrashLedger ledger, int kill, int moment)
    {
        using var killed = new CancellationTokenSource();
        var writers = Enumerable.Range(0, Writers).Select(writer => new CrashWriter(server, ledger, writer, kill)).ToArray();
        await Task.WhenAll(writers.Select(writer => writer.LogInAsync()));
        var writing = writers.Select(writer => writer.WriteAsync(killed.Token)).ToArray();
        await Task.WhenAny(Task.Delay(moment), Task.WhenAny(writing)); // the moment is what the test is about; a writer that ends before it has failed
        await killed.CancelAsync();
        await server.KillAsync();
        await Task.WhenAll(writing);
    }
}
