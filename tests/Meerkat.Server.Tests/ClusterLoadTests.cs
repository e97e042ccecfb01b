using Microsoft.Data.Sqlite;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>
/// Clients of three nodes write to each other across them, everything archived before it is acknowledged, while one node is killed and started again: what was acknowledged to a sender is in the recipient's archive, nothing comes twice that
/// was sent once, and what a sender wrote comes in order. <c>MEERKAT_SEED</c> repeats who is killed when.
/// </summary>
[Collection("Server processes under load")] // one at a time
public sealed class ClusterLoadTests
{
    [Fact] // OPS-029, XEP-0198 §4
    public async Task Nothing_acknowledged_is_lost_while_a_node_dies_and_comes_back()
    {
        var seed = CrashRounds.Seed();
        await using var nodes = new ThreeNodes(3, ClusterTalk.Configure);
        await nodes.InitializeAsync();
        var talkers = await ClusterTalk.RunAsync(nodes, Ending(nodes, seed, "KILL"));
        Assert.All(talkers, talker => Assert.True(talker.Acknowledged.Count() > 3, $"{talker.Account} had too little acknowledged for the test to mean something: {talker.Failure}"));
        Assert.Contains(talkers, talker => talker.Lives > 1);
        Assert.Empty(await ClusterTalk.LostAsync(nodes, talkers));
        Assert.Empty(talkers.SelectMany(talker => talker.Disorder));
        Assert.Empty(ClusterTalk.Twice(talkers));
    }

    [Fact] // OPS-022
    public async Task A_rolling_restart_loses_nothing_that_was_acknowledged()
    {
        var seed = CrashRounds.Seed();
        await using var nodes = new ThreeNodes(3, ClusterTalk.Configure);
        await nodes.InitializeAsync();
        var talkers = await ClusterTalk.RunAsync(nodes, Ending(nodes, seed, "TERM"));
        Assert.Contains(talkers, talker => talker.Lives > 1);
        Assert.Empty(await ClusterTalk.LostAsync(nodes, talkers));
        Assert.Empty(talkers.SelectMany(talker => talker.Disorder));
        Assert.Empty(ClusterTalk.Twice(talkers));
    }

    // The tests above can fail: what was acknowledged and is dropped behind its acknowledgement is found missing.
    [Fact]
    public async Task What_is_dropped_after_its_acknowledgement_is_missed()
    {
        await using var nodes = new ThreeNodes(3, ClusterTalk.Configure);
        await nodes.InitializeAsync();
        var talkers = await ClusterTalk.RunAsync(nodes, _ => Task.CompletedTask);
        Assert.Empty(await ClusterTalk.LostAsync(nodes, talkers));
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(nodes.DataFolder, "meerkat.sqlite")};Pooling=False"))
        {
            await database.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = database.CreateCommand();
            command.CommandText = "DELETE FROM archive_message WHERE origin_id = 'talker0-0'";
            Assert.Equal(2, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        Assert.Single(await ClusterTalk.LostAsync(nodes, talkers));
    }

    // A third of the time in, a node ends; at two thirds it is started again. With TERM all of them, one after the other.
    private static Func<TimeSpan, Task> Ending(ThreeNodes nodes, int seed, string signal)
    {
        var random = new Random(seed);
        return async third =>
        {
            var first = random.Next(nodes.Count);
            for (var i = 0; i < (signal == "KILL" ? 1 : nodes.Count); i++)
            {
                var node = nodes[(first + i) % nodes.Count];
                var moment = TimeSpan.FromMilliseconds(random.Next(500));
                TestContext.Current.SendDiagnosticMessage($"seed {seed}: {signal} to {node.Name} {moment.TotalMilliseconds} ms behind the first third");
                await Task.Delay(moment);
                node.Signal(signal);
                await node.WaitForExitAsync();
                await Task.Delay(third);
                await node.StartAsync();
            }
        };
    }
}
