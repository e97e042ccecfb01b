using Meerkat.Hostile;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>What was acknowledged survives <c>kill -9</c> (architecture §2, durability): IQ results, and messages, in offline storage and in the archives of both sides, that an <c>h</c> of stream management covers.</summary>
[Collection("Server processes under load")] // one at a time
public sealed class CrashTests
{
    // A start-up is bound by one core: two servers at a time take half as long.
    private const int Servers = 2;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_by_kill_9()
    {
        var kills = CrashRounds.Kills(50);
        var seed = CrashRounds.Seed();
        var ledgers = await Task.WhenAll(Enumerable.Range(0, Servers).Select(server => Task.Run(() => CrashRounds.KillServerAsync(seed + server, (kills + Servers - 1) / Servers))));
        foreach (var ledger in ledgers)
        {
            Assert.True(ledger.AcknowledgedMessages > kills / Servers && ledger.AcknowledgedResults > kills / Servers, $"too little was acknowledged for the test to mean something: {ledger}");
        }
    }

    // The test above can fail: what was acknowledged and is dropped behind its acknowledgement is found missing.
    [Fact]
    public async Task What_is_dropped_after_its_acknowledgement_is_missed()
    {
        var ledger = new CrashLedger { Patience = TimeSpan.FromSeconds(1) };
        await using var server = await ServerProcess.StartAsync();
        await CrashRounds.WriteUntilKilledAsync(server, ledger, 1, 0);
        await using (var database = new SqliteConnection($"Data Source={server.Database};Pooling=False"))
        {
            await database.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = database.CreateCommand();
            command.CommandText = "DELETE FROM offline_message WHERE id = (SELECT MIN(id) FROM offline_message); DELETE FROM archive_message WHERE rowid = (SELECT MIN(rowid) FROM archive_message); DELETE FROM private_xml; DELETE FROM roster_item;";
            Assert.True(await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken) > 1);
        }

        await server.RestartAsync();
        await ledger.ReadBackAsync(server);
        Assert.Single(ledger.Lost, lost => lost.StartsWith("message", StringComparison.Ordinal));
        Assert.Single(ledger.Lost, lost => lost.StartsWith("archive", StringComparison.Ordinal));
        Assert.Equal(CrashRounds.Writers, ledger.Lost.Count(lost => lost.StartsWith("private", StringComparison.Ordinal)));
        Assert.Equal(CrashRounds.Writers, ledger.Lost.Count(lost => lost.StartsWith("roster", StringComparison.Ordinal)));
    }
}
