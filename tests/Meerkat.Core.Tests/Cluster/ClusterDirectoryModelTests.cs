using System.Diagnostics;
using CsCheck;
using Meerkat.Core.Cluster;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>The directory of a cluster under binds, conflicts, closes and deaths of nodes that happen at once, in orders that a generator chooses.</summary>
public sealed class ClusterDirectoryModelTests
{
    private static readonly BareJid s_account = BareJid.Parse("alice@example.test");
    private static readonly string[] s_resources = ["phone", "web", "tv"];

    private enum Act
    {
        Bind,
        Close,
        Drop,
        Look,
        Kill,
    }

    [Theory] // architecture §6: whatever happened, all nodes see the same sessions, each alive, one of each full JID
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_nodes_see_the_sessions_that_there_are_whatever_happened_at_once(bool spread)
    {
        var step = Gen.Select(Gen.Frequency((6, Gen.Const(Act.Bind)), (3, Gen.Const(Act.Close)), (1, Gen.Const(Act.Drop)), (2, Gen.Const(Act.Look)), (1, Gen.Const(Act.Kill))), Gen.Int[0, 3], Gen.Int[0, 2]);
        await step.Array[1, 6].Array[1, 6].SampleAsync(rounds => RunAsync(rounds, spread), iter: 30, threads: 1);
    }

    private static async Task RunAsync((Act Act, int Node, int Resource)[][] rounds, bool spread)
    {
        await using var cluster = await TestCluster.StartAsync(spread, "one", "two", "three", "four");
        var alive = Enumerable.Range(0, 4).Select(i => cluster[i]).ToList();
        var clients = new List<(TestCluster.Node Node, string Resource, TestClient Client)>();
        foreach (var round in rounds)
        {
            // What dies goes first, so that no client of this round is caught in the middle; what was under way is.
            foreach (var (_, number, _) in round.Where(step => step.Act is Act.Kill))
            {
                var node = cluster[number];
                if (alive.Count > 1 && alive.Remove(node))
                {
                    cluster.Kill(node);
                    clients.RemoveAll(client => client.Node == node);
                }
            }

            var bound = await Task.WhenAll(round.Select(async step =>
            {
                var node = alive[step.Node % alive.Count];
                var resource = s_resources[step.Resource];
                switch (step.Act)
                {
                    case Act.Bind:
                        try
                        {
                            return (node, resource, Client: await node.Server.ConnectAsync("alice", resource));
                        }
                        catch (InvalidOperationException replaced) when (replaced.Message.Contains("conflict", StringComparison.Ordinal))
                        {
                            break; // another one took its place before it heard of it
                        }

                    case Act.Close or Act.Drop when clients.FindLastIndex(known => known.Resource == resource && known.Node == node) is var at and >= 0:
                        var client = clients[at].Client;
                        clients.RemoveAt(at); // nobody can close it twice
                        await (step.Act is Act.Close ? client.SendAsync("</stream:stream>") : client.DropAsync());
                        break;
                    case Act.Look:
                        await node.Directory.FindAsync(s_account, CancellationToken.None);
                        break;
                }

                return default;
            }));
            clients.AddRange(bound.Where(one => one.Client is not null));
            await AgreeAsync(alive);
        }
    }

    // Ends and conflicts take a moment: they are waited for, and then they hold.
    private static async Task AgreeAsync(List<TestCluster.Node> alive)
    {
        var began = Stopwatch.StartNew();
        while (true)
        {
            var there = alive.SelectMany(node => node.Directory.Local.Select(session => (node.Place.Self, session.Order, session.Jid.Resource))).Order().ToArray();
            var seen = new List<(ClusterNode, long, string)[]>();
            foreach (var node in alive)
            {
                var sessions = await node.Directory.FindAsync(s_account, CancellationToken.None);
                seen.Add([.. sessions.Select(session => (session is RemoteSession remote ? remote.Node : node.Place.Self, session.Order, session.Jid.Resource)).Order()]);
            }

            var ended = alive.SelectMany(node => node.Directory.Local).Any(session => session.HasEnded);
            if (!ended && seen.TrueForAll(one => one.SequenceEqual(there)) && there.Select(session => session.Resource).Distinct().Count() == there.Length)
            {
                return;
            }

            Assert.True(began.Elapsed < TimeSpan.FromSeconds(15), $"there are {string.Join(' ', there)}; seen are {string.Join(" | ", seen.Select(one => string.Join(' ', one)))}");
            await Task.Yield();
        }
    }
}
