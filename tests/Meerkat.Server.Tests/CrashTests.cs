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

    // The test above can fail: a message that was acknowledged and is not there is found missing, and so is a fragment that went back to an older value.
    [Theory]
    [InlineData("DELETE FROM offline_messages WHERE rowid = (SELECT MIN(rowid) FROM offline_messages)", "message")]
    [InlineData("DELETE FROM private_fragments", "private")]
    [InlineData("DELETE FROM roster_items", "roster")]
    public async Task What_is_dropped_after_its_acknowledgement_is_missed(string drop, string kind)
    {
        var ledger = new CrashLedger();
        await using var server = await ServerProcess.StartAsync();
        await WriteUntilKilledAsync(server, ledger, 1, 1000);
        await using (var database = new SqliteConnection($"Data Source={server.Database};Pooling=False"))
        {
            await database.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = database.CreateCommand();
#pragma warning disable CA2100 // the statements stand above
            command.CommandText = drop;
#pragma warning restore CA2100
            Assert.True(await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken) > 0);
        }

        await server.RestartAsync();
        await ledger.ReadBackAsync(server);
        Assert.NotEmpty(ledger.Lost);
        Assert.All(ledger.Lost, lost => Assert.StartsWith(kind, lost, StringComparison.Ordinal));
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
