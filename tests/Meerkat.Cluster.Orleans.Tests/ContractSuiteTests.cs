using Meerkat.Conformance.Cluster;
using Meerkat.Core.Cluster;
using Meerkat.Core.Placement;
using Meerkat.Modules.Presences;
using Meerkat.Testing;
using Microsoft.Extensions.Logging;

namespace Meerkat.Cluster.Orleans.Tests;

/// <summary>Three nodes of Orleans, with its sockets and TLS.</summary>
internal sealed class OrleansNodes : IAsyncDisposable
{
    private readonly MemoryMemberStore _store = new();
    private readonly List<TestNode> _nodes = [];
    private readonly List<NodeLink> _links = [];

    public TestLog Log { get; } = new();

    public TestNode this[int number] => _nodes[number];

    public IReadOnlyList<NodeLink> Links => _links;

    /// <summary>Makes nodes; what is on top of them is put together before they join.</summary>
    public async Task StartAsync(int count, Action<OrleansCluster, NodeLink> made)
    {
        for (var number = 1; number <= count; number++)
        {
            var node = new TestNode($"node{number}", _store);
            var link = new NodeLink(node.Cluster, node.Cluster, TimeProvider.System, Log.CreateLogger<NodeLink>());
            _nodes.Add(node);
            _links.Add(link);
            made(node.Cluster, link);
        }

        foreach (var node in _nodes)
        {
            await node.Cluster.TakeNumberAsync(CancellationToken.None);
            await node.Cluster.StartAsync(CancellationToken.None);
        }

        foreach (var node in _nodes)
        {
            await node.SeesAsync(count);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _links.ForEach(link => link.Dispose());
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}

/// <summary>Where single writers are.</summary>
public sealed class OrleansPlacementTests : PlacementSuite
{
    private readonly OrleansNodes _nodes = new();
    private readonly List<ClusterPlacement> _placements = [];

    protected override async ValueTask<IReadOnlyList<IPlacement>> StartAsync()
    {
        await _nodes.StartAsync(3, (cluster, link) => _placements.Add(new ClusterPlacement(link, cluster, TimeProvider.System, _nodes.Log)));
        return _placements;
    }

    protected override async ValueTask StopAsync()
    {
        _placements.ForEach(placement => placement.Dispose());
        await _nodes.DisposeAsync();
    }
}

/// <summary>What nodes tell each other.</summary>
public sealed class OrleansEventsTests : ClusterEventsSuite
{
    private readonly OrleansNodes _nodes = new();
    private readonly List<ClusterEvents> _events = [];

    protected override async ValueTask<IReadOnlyList<IClusterEvents>> StartAsync()
    {
        await _nodes.StartAsync(3, (cluster, link) => _events.Add(new ClusterEvents(link, cluster, TimeProvider.System, _nodes.Log.CreateLogger<ClusterEvents>())));
        return _events;
    }

    protected override async ValueTask StopAsync()
    {
        _events.ForEach(events => events.Dispose());
        await _nodes.DisposeAsync();
    }
}

/// <summary>Batches between nodes.</summary>
public sealed class OrleansLinkTests : NodeLinkSuite
{
    private readonly OrleansNodes _nodes = new();

    protected override async ValueTask<(INodeLink Here, INodeLink There)> StartAsync()
    {
        await _nodes.StartAsync(2, (_, _) => { });
        return (_nodes.Links[0], _nodes.Links[1]);
    }

    protected override async ValueTask LeaveAsync(Action meanwhile)
    {
        _nodes[1].Cluster.Receive = (_, _) => throw new InvalidOperationException("it takes nothing any more");
        meanwhile();
        await _nodes[1].Cluster.StopAsync(CancellationToken.None);
        await _nodes[0].SeesAsync(1);
    }

    protected override ValueTask StopAsync() => _nodes.DisposeAsync();
}

/// <summary>The directory of sessions: three servers, which are the authority together.</summary>
public sealed class OrleansSessionDirectoryTests : SessionDirectorySuite
{
    private readonly OrleansNodes _nodes = new();
    private readonly List<SpreadSessionRegistry> _registries = [];
    private readonly List<ClusterSessionDirectory> _directories = [];
    private readonly List<TestServer> _servers = [];

    protected override async ValueTask<IReadOnlyList<TestServer>> StartAsync()
    {
        await _nodes.StartAsync(3, (cluster, link) =>
        {
            ClusterSessionDirectory? directory = null;
            var registry = new SpreadSessionRegistry(link, cluster, () => directory?.Living() ?? [], TimeProvider.System, _nodes.Log.CreateLogger<SpreadSessionRegistry>());
            directory = new ClusterSessionDirectory(registry, link, cluster, new ClusterSessionOptions(), TimeProvider.System, _nodes.Log.CreateLogger<ClusterSessionDirectory>());
            _registries.Add(registry);
            _directories.Add(directory);
        });
        var accounts = new TestAccounts();
        foreach (var directory in _directories)
        {
            var server = await TestServer.StartAsync(with =>
            {
                with.Sessions = directory;
                with.Accounts = accounts;
                with.Module<PresenceModule>();
            });
            directory.Start(server.Context);
            _servers.Add(server);
        }

        return _servers;
    }

    protected override async ValueTask StopAsync()
    {
        _registries.ForEach(registry => registry.Dispose());
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        foreach (var directory in _directories)
        {
            await directory.DisposeAsync();
        }

        await _nodes.DisposeAsync();
    }
}
