using System.Collections.Concurrent;
using Meerkat.Conformance.Cluster;
using Meerkat.Core.Cluster;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>The authority in the memory of three nodes does what every one does.</summary>
public sealed class SpreadSessionRegistrySuiteTests : SessionRegistrySuite
{
    private readonly TestNetwork _network = new();
    private Whole? _whole;

    protected override async ValueTask<ISessionRegistry> OpenAsync()
    {
        _whole = new Whole([_network.Join(One.Name, One.Run), _network.Join(Two.Name, Two.Run), _network.Join(Three.Name, Three.Run)]);
        await _whole.NodesAsync(CancellationToken.None); // each has told what lives on it: nothing yet
        return _whole;
    }

    protected override async ValueTask LoseAsync(ClusterNode node)
    {
        await _whole!.LoseAsync(node);
        _network.Kill(node);
        _network.Remove(node);
    }

    protected override ValueTask CloseAsync()
    {
        _whole!.Dispose();
        return default;
    }

    /// <summary>The registries of all nodes as one: each session is told by its own node, as a directory would.</summary>
    private sealed class Whole : ISessionRegistry, IDisposable
    {
        private readonly ConcurrentDictionary<ClusterNode, (NodeLink Link, SpreadSessionRegistry Registry)> _nodes = new();
        private readonly ConcurrentDictionary<(ClusterNode, long), SessionRecord> _living = new();

        public Whole(IReadOnlyList<TestNetwork.Place> places)
        {
            var log = new TestLog();
            foreach (var place in places)
            {
                var link = new NodeLink(place, place, TimeProvider.System, log.CreateLogger<NodeLink>());
                _nodes[place.Self] = (link, new SpreadSessionRegistry(
                    link, place, () => [.. _living.Values.Where(session => session.Node == place.Self)], TimeProvider.System, log.CreateLogger<SpreadSessionRegistry>()));
            }
        }

        public event Action<bool>? Reset
        {
            add => _nodes.Values.First().Registry.Reset += value;
            remove => _nodes.Values.First().Registry.Reset -= value;
        }

        public async ValueTask<RegistryChange> BindAsync(SessionRecord session, bool again, CancellationToken ct)
        {
            _living[(session.Node, session.Order)] = session;
            var change = await Of(session.Node).BindAsync(session, again, ct);
            if (change.Replaced is { } replaced)
            {
                _living.TryRemove((replaced.Node, replaced.Order), out _);
            }

            return change;
        }

        public ValueTask<RegistryChange?> UpdateAsync(SessionRecord session, CancellationToken ct) => Of(session.Node).UpdateAsync(session, ct);

        public ValueTask<RegistryChange?> UnbindAsync(SessionRecord session, CancellationToken ct)
        {
            _living.TryRemove((session.Node, session.Order), out _);
            return Of(session.Node).UnbindAsync(session, ct);
        }

        public ValueTask<AccountSessions> FindAsync(BareJid account, ClusterNode holder, CancellationToken ct) => Of(holder).FindAsync(account, holder, ct);

        public ValueTask ReleaseAsync(IReadOnlyList<BareJid> accounts, ClusterNode holder, CancellationToken ct) => Of(holder).ReleaseAsync(accounts, holder, ct);

        public async ValueTask<IReadOnlyList<SessionRecord>> TakeLostAsync(ClusterNode node, int max, CancellationToken ct)
        {
            foreach (var (_, registry) in _nodes.Values)
            {
                if (await registry.TakeLostAsync(node, max, ct) is { Count: > 0 } lost)
                {
                    return lost;
                }
            }

            return [];
        }

        public async ValueTask<IReadOnlyList<ClusterNode>> NodesAsync(CancellationToken ct)
        {
            var nodes = new SortedSet<ClusterNode>();
            foreach (var (_, registry) in _nodes.Values)
            {
                nodes.UnionWith(await registry.NodesAsync(ct));
            }

            return [.. nodes];
        }

        // What the node has sent has arrived; then it is not there any more.
        public async ValueTask LoseAsync(ClusterNode node)
        {
            _nodes.TryRemove(node, out var lost);
            foreach (var other in _nodes.Keys)
            {
                try
                {
                    await lost.Link.AskAsync(other, NodeVerb.FirstOther, default, CancellationToken.None);
                }
                catch (NodeRefusedException)
                {
                    // Nobody serves it.
                }
            }

            lost.Registry.Dispose();
        }

        public void Dispose()
        {
            foreach (var (link, registry) in _nodes.Values)
            {
                registry.Dispose();
                link.Dispose();
            }
        }

        private SpreadSessionRegistry Of(ClusterNode node) => _nodes[node].Registry;
    }
}
