using Meerkat.Conformance.Cluster;
using Meerkat.Testing;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>One node alone.</summary>
public sealed class LocalSessionDirectoryTests : SessionDirectorySuite
{
    private TestServer? _server;

    protected override async ValueTask<IReadOnlyList<TestServer>> StartAsync() => [_server = await TestServer.StartAsync()];

    protected override ValueTask StopAsync() => _server!.DisposeAsync();
}

/// <summary>Three nodes, one memory that all of them reach.</summary>
public sealed class ClusterSessionDirectoryOverMemoryTests() : ClusterSessionDirectoryTests(spread: false);

/// <summary>Three nodes that are the authority together.</summary>
public sealed class ClusterSessionDirectoryOverNodesTests() : ClusterSessionDirectoryTests(spread: true);

/// <summary>Three nodes.</summary>
public abstract class ClusterSessionDirectoryTests(bool spread) : SessionDirectorySuite
{
    private TestCluster? _cluster;

    protected override async ValueTask<IReadOnlyList<TestServer>> StartAsync()
    {
        _cluster = await TestCluster.StartAsync(spread, "one", "two", "three");
        return [.. Enumerable.Range(0, _cluster.Count).Select(i => _cluster[i].Server)];
    }

    protected override ValueTask StopAsync() => _cluster!.DisposeAsync();
}
