using System.Diagnostics;
using Meerkat.Testing.Databases;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>Three nodes whose clients write to each other while the database that they share is stopped and started again (docs/cluster.md, "When the database is away"): nobody is given up, nothing that was acknowledged is lost.</summary>
[Collection("Server processes under load")] // one at a time
public sealed class ClusterDatabaseTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(6 + 20); // failure_time, and what a busy machine may take

    private static readonly string[] All = ["node1 ACTIVE", "node2 ACTIVE", "node3 ACTIVE"];

    [Fact] // OPS-211, XEP-0198 §4: the members, and all that is kept
    public async Task Nothing_acknowledged_is_lost_and_all_nodes_serve_again_when_PostgreSQL_was_restarted()
    {
        Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
        await using var postgres = await PostgresProcess.CreateAsync(durable: true);
        await using var nodes = new ThreeNodes(3, toml => ClusterTalk.OnDatabase(ClusterTalk.Configure(toml), "127.0.0.1", postgres.Port));
        await RestartAsync(nodes, postgres, Bound);
        Assert.False(File.Exists(Path.Combine(nodes.DataFolder, "meerkat.sqlite")), "the embedded database was made, though nothing is in it");
    }

    [Theory] // OPS-211, CONF-057
    [InlineData("redis", true)] // the members and the sessions are in it, and it has them again
    [InlineData("sql", false)] // the sessions alone, and they are forgotten
    public async Task Nothing_acknowledged_is_lost_and_all_nodes_serve_again_when_Redis_was_restarted(string membership, bool keeps)
    {
        Assert.SkipWhen(RedisProcess.Missing is not null, RedisProcess.Missing ?? "");
        await using var redis = await RedisProcess.CreateAsync(keeps: keeps);
        await using var nodes = new ThreeNodes(3, toml => OnRedis(toml, membership, redis));
        await RestartAsync(nodes, redis, Bound);
    }

    [Fact] // OPS-211: nobody is a member any more, whatever the nodes remember
    public async Task Every_node_ends_its_sessions_and_joins_anew_when_Redis_has_forgotten_who_they_are()
    {
        Assert.SkipWhen(RedisProcess.Missing is not null, RedisProcess.Missing ?? "");
        await using var redis = await RedisProcess.CreateAsync();
        await using var nodes = new ThreeNodes(3, toml => OnRedis(toml, "redis", redis));
        await RestartAsync(nodes, redis, TimeSpan.FromSeconds(90), isForgotten: true); // they stop and start
    }

    private static string OnRedis(string toml, string membership, RedisProcess redis) => ClusterTalk.Configure(toml)
        .Replace("[general]", "[general]\n  sm_backend = \"redis\"", StringComparison.Ordinal)
        .Replace("[cluster]", $"[cluster]\n  membership = \"{membership}\"", StringComparison.Ordinal)
        + $"\n[outgoing_pools.redis.default.connection]\n  port = {redis.Port}\n  password = \"{RedisProcess.Password}\"\n";

    // Away for longer than a node may go by what it remembers.
    private static async Task RestartAsync(ThreeNodes nodes, DatabaseProcess database, TimeSpan bound, bool isForgotten = false)
    {
        await nodes.InitializeAsync();
        var said = Enumerable.Range(0, nodes.Count).Select(number => nodes[number].Said).ToArray();
        var talkers = await ClusterTalk.RunAsync(nodes, async third =>
        {
            await database.StopAsync();
            await Task.Delay(third);
            await database.StartAsync();
            var began = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, nodes.Count).Select(number => ServesAsync(nodes, number, began, bound)));
            TestContext.Current.SendDiagnosticMessage($"{began.Elapsed} until all nodes served again");
        });

        for (var number = 0; number < nodes.Count; number++)
        {
            Assert.Equal(isForgotten, nodes[number].Log[said[number]..].Contains("The other nodes have given this one up", StringComparison.Ordinal));
            Assert.Equal(All, await nodes[number].StatesAsync());
        }

        Assert.Equal(isForgotten, talkers.Any(talker => talker.Lives > 1));
        Assert.All(talkers, talker => Assert.True(talker.Acknowledged.Count() > 3, $"{talker.Account} had too little acknowledged for the test to mean something: {talker.Failure}"));
        Assert.Empty(await ClusterTalk.LostAsync(nodes, talkers));
        Assert.Empty(talkers.SelectMany(talker => talker.Disorder));
        Assert.Empty(ClusterTalk.Twice(talkers));
    }

    // Somebody new can log in there, and a message from there arrives on another node.
    private static async Task ServesAsync(ThreeNodes nodes, int number, Stopwatch began, TimeSpan bound)
    {
        while (true)
        {
            try
            {
                await using var alice = await nodes.LogInAsync(number, $"alice{number}", "web");
                await using var bob = await nodes.LogInAsync((number + 1) % nodes.Count, $"bob{number}", "web");
                await bob.BecomeAvailableAsync();
                await alice.SendAsync($"<message to='{bob.BareJid}' type='chat' id='m'><body>b</body></message>");
                await bob.ReceiveAsync(element => element.Attribute("id") == "m");
                return;
            }
            catch (Exception) when (began.Elapsed < bound)
            {
                // Not yet: whatever a client sees of that.
                await Task.Delay(100);
            }
        }
    }
}
