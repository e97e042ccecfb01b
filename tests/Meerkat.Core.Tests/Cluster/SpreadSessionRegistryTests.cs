using Meerkat.Core.Cluster;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>The authority in the memory of the cluster's nodes.</summary>
public sealed class SpreadSessionRegistryTests
{
    [Fact] // rendezvous hashing
    public void A_node_that_goes_leaves_its_accounts_to_those_that_kept_copies_and_moves_no_others()
    {
        var view = new ClusterView(1, [new("one", 1), new("three", 1), new("two", 1)]);
        var rest = new ClusterView(2, [view.Nodes[0], view.Nodes[2]]);
        var counts = new Dictionary<ClusterNode, int>();
        for (var i = 0; i < 3000; i++)
        {
            var account = BareJid.Parse($"user{i}@one.example");
            var (first, second) = RegistryPlaces.Of(account, view);
            Assert.NotEqual(first, second);
            Assert.Equal(first == view.Nodes[1] ? second : first, RegistryPlaces.Of(account, rest).First);
            counts[first] = counts.GetValueOrDefault(first) + 1;
        }

        Assert.All(counts.Values, count => Assert.InRange(count, 850, 1150));
        Assert.Equal((view.Nodes[0], null), RegistryPlaces.Of(BareJid.Parse("a@one.example"), new ClusterView(3, [view.Nodes[0]])));
    }

    [Fact] // a bind and the death of the authority at one time: the answer that named the older session is lost
    public async Task Of_two_sessions_with_one_full_jid_the_older_one_is_ended_by_the_next_authority_whichever_is_told_first()
    {
        for (var round = 0; round < 20; round++)
        {
            var network = new TestNetwork();
            var log = new TestLog();
            var places = new[] { network.Join("one"), network.Join("two"), network.Join("three") };
            var sessions = places.Select((place, i) => new SessionRecord(FullJid.Parse("alice@one.example/web"), place.Self, 10 + ((i + round) % 3))).ToArray();
            var links = places.Select(place => new NodeLink(place, place, TimeProvider.System, log.CreateLogger<NodeLink>())).ToArray();
            var ended = new System.Collections.Concurrent.ConcurrentBag<long>();
            foreach (var link in links)
            {
                link.Serve(NodeVerb.EndSession, (_, body) =>
                {
                    ended.Add(SessionCommands.ReadEnd(body.Span).Session);
                    return new(ReadOnlyMemory<byte>.Empty);
                });
            }

            // Each node has bound one, and none has heard of the others.
            var registries = places.Select((place, i) => new SpreadSessionRegistry(links[i], place, () => [sessions[i]], TimeProvider.System, log.CreateLogger<SpreadSessionRegistry>())).ToArray();
            var found = await registries[0].FindAsync(BareJid.Parse("alice@one.example"), places[0].Self, CancellationToken.None);
            Assert.Equal(12, Assert.Single(found.Sessions).Order);
            await TestCluster.UntilAsync(() => ended.Distinct().Count() == 2);
            Assert.Equal([10, 11], ended.Distinct().Order());
        }
    }

    [Fact] // the dead node's sessions are told though their authority died with it
    public async Task Sessions_of_a_lost_node_are_told_once_though_it_was_the_authority_of_some()
    {
        var network = new TestNetwork();
        var places = new[] { network.Join("one"), network.Join("two"), network.Join("three") };
        var living = Enumerable.Range(0, 3).Select(_ => new List<SessionRecord>()).ToArray();
        var log = new TestLog();
        var registries = places.Select((place, i) => new SpreadSessionRegistry(
            new NodeLink(place, place, TimeProvider.System, log.CreateLogger<NodeLink>()), place, () => living[i], TimeProvider.System, log.CreateLogger<SpreadSessionRegistry>())).ToArray();
        for (var i = 0; i < 60; i++)
        {
            var record = new SessionRecord(FullJid.Parse($"u{i}@one.example/r"), places[i % 3].Self, i + 1);
            living[i % 3].Add(record);
            await registries[i % 3].BindAsync(record, false, CancellationToken.None);
        }

        // Behind a question stands everything that was sent before: the copies are there.
        for (var i = 0; i < 60; i++)
        {
            Assert.Single((await registries[(i + 1) % 3].FindAsync(BareJid.Parse($"u{i}@one.example"), places[(i + 1) % 3].Self, CancellationToken.None)).Sessions);
        }

        network.Kill(places[1].Self);
        network.Remove(places[1].Self);
        var taken = new List<SessionRecord>();
        foreach (var registry in new[] { registries[0], registries[2] })
        {
            taken.AddRange(await registry.TakeLostAsync(places[1].Self, 100, CancellationToken.None));
        }

        Assert.Equal(living[1].Select(session => session.Order), taken.Select(session => session.Order).Order());
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(i % 3 == 1 ? 0 : 1, (await registries[0].FindAsync(BareJid.Parse($"u{i}@one.example"), places[0].Self, CancellationToken.None)).Sessions.Count);
        }
    }
}
