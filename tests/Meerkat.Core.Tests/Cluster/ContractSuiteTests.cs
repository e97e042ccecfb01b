using Meerkat.Conformance.Cluster;
using Meerkat.Core.Cluster;
using Meerkat.Core.Placement;
using Meerkat.Testing;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>One node alone.</summary>
public sealed class LocalPlacementSuiteTests : PlacementSuite
{
    protected override ValueTask<IReadOnlyList<IPlacement>> StartAsync() => new([new LocalPlacement(TimeProvider.System, new TestLog())]);

    protected override ValueTask StopAsync() => ValueTask.CompletedTask;
}

/// <summary>Three nodes, over a network in memory.</summary>
public sealed class ClusterPlacementSuiteTests : PlacementSuite
{
    private readonly List<IDisposable> _parts = [];

    protected override ValueTask<IReadOnlyList<IPlacement>> StartAsync()
    {
        var network = new TestNetwork();
        var placements = new List<IPlacement>();
        foreach (var name in (string[])["one", "two", "three"])
        {
            var (place, log) = (network.Join(name), new TestLog());
            var link = new NodeLink(place, place, TimeProvider.System, log.CreateLogger<NodeLink>());
            var placement = new ClusterPlacement(link, place, TimeProvider.System, log);
            _parts.AddRange([placement, link]);
            placements.Add(placement);
        }

        return new(placements);
    }

    protected override ValueTask StopAsync()
    {
        _parts.ForEach(part => part.Dispose());
        return ValueTask.CompletedTask;
    }
}

/// <summary>One node alone.</summary>
public sealed class LocalClusterEventsTests : ClusterEventsSuite
{
    protected override ValueTask<IReadOnlyList<IClusterEvents>> StartAsync() => new([new LocalClusterEvents()]);

    protected override ValueTask StopAsync() => ValueTask.CompletedTask;
}

/// <summary>Three nodes, over a network in memory.</summary>
public sealed class ClusterEventsSuiteTests : ClusterEventsSuite
{
    private readonly List<IDisposable> _parts = [];

    protected override ValueTask<IReadOnlyList<IClusterEvents>> StartAsync()
    {
        var network = new TestNetwork();
        var all = new List<IClusterEvents>();
        foreach (var name in (string[])["one", "two", "three"])
        {
            var (place, log) = (network.Join(name), new TestLog());
            var link = new NodeLink(place, place, TimeProvider.System, log.CreateLogger<NodeLink>());
            var events = new ClusterEvents(link, place, TimeProvider.System, log.CreateLogger<ClusterEvents>());
            _parts.AddRange([events, link]);
            all.Add(events);
        }

        return new(all);
    }

    protected override ValueTask StopAsync()
    {
        _parts.ForEach(part => part.Dispose());
        return ValueTask.CompletedTask;
    }
}

/// <summary>Over a network in memory.</summary>
public sealed class NodeLinkSuiteTests : NodeLinkSuite
{
    private readonly TestNetwork _network = new();
    private readonly List<NodeLink> _links = [];

    protected override ValueTask<(INodeLink Here, INodeLink There)> StartAsync()
    {
        foreach (var name in (string[])["one", "two"])
        {
            var place = _network.Join(name);
            _links.Add(new NodeLink(place, place, TimeProvider.System, new TestLog().CreateLogger<NodeLink>()));
        }

        return new((_links[0], _links[1]));
    }

    protected override ValueTask LeaveAsync(Action meanwhile)
    {
        _network.Kill(_links[1].Self);
        meanwhile();
        _network.Remove(_links[1].Self);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask StopAsync()
    {
        _links.ForEach(link => link.Dispose());
        return ValueTask.CompletedTask;
    }
}
