using System.Globalization;
using Meerkat.Xmpp;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>
/// Clients of three nodes write to each other across them, everything archived before it is acknowledged, while one node is killed and started again: what was acknowledged to a sender is in the recipient's archive, nothing comes twice that
/// was sent once, and what a sender wrote comes in order. <c>MEERKAT_CLUSTER_SESSIONS</c> and <c>MEERKAT_CLUSTER_SECONDS</c> make it larger, <c>MEERKAT_SEED</c> repeats who is killed when.
/// </summary>
[Collection("Server processes under load")] // one at a time
public sealed class ClusterLoadTests
{
    private const string Archive = "\n[modules.mod_mam]\n  max_result_limit = 1000\n  [modules.mod_mam.pm]\n";

    private static string Configure(string toml) => toml.Replace("loglevel = \"info\"", "loglevel = \"warning\"", StringComparison.Ordinal) + Archive;

    [Fact] // OPS-029, XEP-0198 §4
    public async Task Nothing_acknowledged_is_lost_while_a_node_dies_and_comes_back()
    {
        var seed = CrashRounds.Seed();
        await using var nodes = new ThreeNodes(3, Configure);
        await nodes.InitializeAsync();
        var talkers = await TalkAsync(nodes, new Random(seed), seed, "KILL");
        Assert.All(talkers, talker => Assert.True(talker.Acknowledged.Count() > 3, $"{talker.Account} had too little acknowledged for the test to mean something: {talker.Failure}"));
        Assert.Contains(talkers, talker => talker.Lives > 1);
        Assert.Empty(await LostAsync(nodes, talkers));
        Assert.Empty(talkers.SelectMany(talker => talker.Disorder));
        Assert.Empty(Twice(talkers));
    }

    [Fact] // OPS-022
    public async Task A_rolling_restart_loses_nothing_that_was_acknowledged()
    {
        var seed = CrashRounds.Seed();
        await using var nodes = new ThreeNodes(3, Configure);
        await nodes.InitializeAsync();
        var talkers = await TalkAsync(nodes, new Random(seed), seed, "TERM");
        Assert.Contains(talkers, talker => talker.Lives > 1);
        Assert.Empty(await LostAsync(nodes, talkers));
        Assert.Empty(talkers.SelectMany(talker => talker.Disorder));
        Assert.Empty(Twice(talkers));
    }

    // The tests above can fail: what was acknowledged and is dropped behind its acknowledgement is found missing.
    [Fact]
    public async Task What_is_dropped_after_its_acknowledgement_is_missed()
    {
        await using var nodes = new ThreeNodes(3, Configure);
        await nodes.InitializeAsync();
        var talkers = await TalkAsync(nodes, new Random(1), 1, null);
        Assert.Empty(await LostAsync(nodes, talkers));
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(nodes.DataFolder, "meerkat.sqlite")};Pooling=False"))
        {
            await database.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = database.CreateCommand();
            command.CommandText = "DELETE FROM archive_message WHERE origin_id = 'talker0-0'";
            Assert.Equal(2, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        Assert.Single(await LostAsync(nodes, talkers));
    }

    private static int Setting(string name, int otherwise) => int.Parse(Environment.GetEnvironmentVariable(name) ?? otherwise.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    // A third of the time in, a node ends; at two thirds it is started again. With TERM all of them, one after the other.
    private static async Task<IReadOnlyList<ClusterTalker>> TalkAsync(ThreeNodes nodes, Random random, int seed, string? signal)
    {
        var (sessions, seconds) = (Setting("MEERKAT_CLUSTER_SESSIONS", 24), Setting("MEERKAT_CLUSTER_SECONDS", 9));
        var pace = TimeSpan.FromMilliseconds(Math.Max(100, sessions / 3));
        var talkers = Enumerable.Range(0, sessions).Select(i => new ClusterTalker(nodes, $"talker{i}", $"talker{i ^ 1}", ((i / 2) + (i % 2)) % nodes.Count, pace)).ToArray(); // a pair is on two nodes
        for (var i = 0; i < sessions; i++)
        {
            talkers[i].Other = talkers[i ^ 1];
        }

        await Parallel.ForEachAsync(talkers, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (talker, _) => await nodes.RegisterAsync(0, talker.Account));
        using var enough = new CancellationTokenSource();
        using var over = new CancellationTokenSource();
        var talking = talkers.Select(talker => Task.Run(() => talker.TalkAsync(enough.Token, over.Token))).ToArray();
        var third = TimeSpan.FromSeconds(seconds / 3.0);
        await Task.Delay(third);
        if (signal is not null)
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
        }

        await Task.Delay(third);
        await enough.CancelAsync();
        try
        {
            await Task.WhenAll(talkers.Select(talker => talker.Settled)).WaitAsync(TimeSpan.FromSeconds(120));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"seed {seed}: not acknowledged: {string.Join("; ", talkers.Where(talker => !talker.Settled.IsCompleted).Select(talker => $"{talker.Account} ({talker.Lives} lives): {talker.Failure?.Message}"))}");
        }

        await over.CancelAsync();
        await Task.WhenAll(talking);
        return talkers;
    }

    private static async Task<List<string>> LostAsync(ThreeNodes nodes, IReadOnlyList<ClusterTalker> talkers)
    {
        var lost = new List<string>();
        foreach (var talker in talkers)
        {
            var archived = new HashSet<string>();
            await using var client = await nodes.ConnectAsync(0, talker.Peer, "reader");
            for (string? last = "", isComplete = null; isComplete != "true";)
            {
                var after = last is "" ? "" : $"<after>{last}</after>";
                var query = "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'><field var='simple'><value>true</value></field></x>";
                await client.SendAsync($"<iq type='set' id='page'>{query}<set xmlns='http://jabber.org/protocol/rsm'><max>1000</max>{after}</set></query></iq>");
                var fin = await client.ReceiveAsync(element =>
                {
                    if (element.Child("result", Ns.Mam) is { } result)
                    {
                        last = result.Attribute("id");
                        archived.Add(result.FirstChild!.Value.Child("message", Ns.Client)!.Value.Attribute("id")!);
                    }

                    return element.Attribute("id") == "page";
                });
                isComplete = fin.Child("fin", Ns.Mam)!.Value.Attribute("complete");
            }

            lost.AddRange(talker.Acknowledged.Where(id => !archived.Contains(id)).Select(id => $"{id} is not in the archive of {talker.Peer}"));
        }

        return lost;
    }

    // Beyond XEP-0198's window: what was sent once and came twice in one session.
    private static IEnumerable<string> Twice(IReadOnlyList<ClusterTalker> talkers)
    {
        var again = talkers.SelectMany(talker => talker.SentAgain).ToHashSet();
        return talkers.SelectMany(talker => talker.Doubled).Where(id => !again.Contains(id));
    }
}
