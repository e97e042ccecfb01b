using System.Collections.Concurrent;
using System.Diagnostics;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Modules.Blocking;
using Meerkat.Modules.Carbons;
using Meerkat.Modules.Muc;
using Meerkat.Modules.Offline;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Privacy;
using Meerkat.Modules.Roster;
using Meerkat.Modules.StreamManagement;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>Whole servers in one process, on one set of stores, joined by a <see cref="TestNetwork"/>.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly TestAccounts _accounts = new();
    private readonly SharedStores _stores = new();
    private readonly List<Node> _nodes = [];

    public TestNetwork Network { get; } = new();

    public CountingRegistry Registry { get; } = new(new MemorySessionRegistry(TimeProvider.System));

    /// <summary>An authority outside of the nodes, as each of them reaches it; null for the memory that all share.</summary>
    private Func<ISessionRegistry>? Outside { get; init; }

    /// <summary>Whether the nodes themselves are the authority, each for its share; else one memory is that all nodes reach.</summary>
    public bool IsSpread { get; private init; }

    /// <summary>Whether there are rooms (mod_muc), each on one of the nodes.</summary>
    public bool HasRooms { get; private init; }

    public static async Task<TestCluster> StartWithRoomsAsync(bool spread, params string[] names)
    {
        var cluster = new TestCluster { IsSpread = spread, HasRooms = true };
        foreach (var name in names)
        {
            await cluster.JoinAsync(name);
        }

        return cluster;
    }

    public static Task<TestCluster> StartAsync(params string[] names) => StartAsync(false, names);

    public static Task<TestCluster> StartAsync(bool spread, params string[] names) => StartAsync(spread, null, names);

    public static async Task<TestCluster> StartAsync(bool spread, Func<ISessionRegistry>? outside, params string[] names)
    {
        var cluster = new TestCluster { IsSpread = spread, Outside = outside };
        foreach (var name in names)
        {
            await cluster.JoinAsync(name);
        }

        return cluster;
    }

    public int Count => _nodes.Count;

    /// <summary>A store that all nodes share.</summary>
    public T Store<T>(Type contract) => (T)_stores.Made(contract);

    public Node this[int number] => _nodes[number];

    public async Task<Node> JoinAsync(string name)
    {
        Ns.RegisterWellKnown();
        var place = Network.Join(name);
        var log = new TestLog();
        var link = new NodeLink(place, place, TimeProvider.System, log.CreateLogger<NodeLink>());
        var options = new ClusterSessionOptions { BindPatience = TimeSpan.FromSeconds(5), ChangePatience = TimeSpan.FromMilliseconds(500) };
        ClusterSessionDirectory directory = null!;
        var registry = IsSpread ? new SpreadSessionRegistry(link, place, () => directory?.Living() ?? [], TimeProvider.System, log.CreateLogger<SpreadSessionRegistry>()) : Outside?.Invoke() ?? Registry;
        directory = new ClusterSessionDirectory(registry, link, place, options, TimeProvider.System, log.CreateLogger<ClusterSessionDirectory>());
        var events = new ClusterEvents(link, place, TimeProvider.System, log.CreateLogger<ClusterEvents>());
        var server = await TestServer.StartAsync(with =>
        {
            with.Events = events;
            with.Sessions = directory;
            with.Accounts = _accounts;
            with.Stores = _stores;
            with.Module<RosterModule>().Module<PresenceModule>().Module<CarbonsModule>().Module<OfflineModule>().Module<StreamManagementModule>();
            with.Module<PrivacyModule>().Module<BlockingModule>();
            if (HasRooms)
            {
                with.Placement = new ClusterPlacement(link, place, TimeProvider.System, log);
                with.Module<MucModule>();
            }
        });
        directory.Start(server.Context);
        events.Start(server.Context);
        var node = new Node(place, link, registry, directory, server);
        _nodes.Add(node);
        return node;
    }

    /// <summary>A node dies without a word, and the others find out.</summary>
    public void Kill(Node node)
    {
        Network.Kill(node.Place.Self);
        Network.Remove(node.Place.Self);
    }

    /// <summary>Waits for what happens behind an answer.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        for (var began = Stopwatch.StartNew(); !isSo(); await Task.Yield())
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(15), "it does not come to that");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            (node.Registry as IDisposable)?.Dispose();
            (node.Server.Context.Placement as IDisposable)?.Dispose();
            node.Link.Dispose();
            await node.Server.DisposeAsync();
        }

        foreach (var node in _nodes)
        {
            await node.Directory.DisposeAsync();
        }
    }

    internal sealed record Node(TestNetwork.Place Place, NodeLink Link, ISessionRegistry Registry, ClusterSessionDirectory Directory, TestServer Server);

    /// <summary>One store of each kind for all nodes: the database.</summary>
    private sealed class SharedStores : IStoreProvider
    {
        private readonly ConcurrentDictionary<Type, object?> _made = new();

        public object Made(Type contract) => _made[contract]!;

        public object? Create(Type contract, HostType host, object? options) => _made.GetOrAdd(contract, contract =>
        {
            var type = contract.IsInterface
                ? contract.Assembly.GetTypes().SingleOrDefault(type => type.Name.StartsWith("Memory", StringComparison.Ordinal) && type.IsAssignableTo(contract))
                : null;
            return type is null ? null : type.GetConstructor([typeof(TimeProvider)]) is { } timed ? timed.Invoke([host.Server.Time]) : Activator.CreateInstance(type);
        });
    }
}

/// <summary>Counts the calls of an authority.</summary>
internal sealed class CountingRegistry(ISessionRegistry registry) : ISessionRegistry
{
    private int _calls;

    public event Action<bool>? Reset
    {
        add => registry.Reset += value;
        remove => registry.Reset -= value;
    }

    public int Calls => _calls;

    public ValueTask<RegistryChange> BindAsync(SessionRecord session, bool again, CancellationToken ct) => Counted(registry).BindAsync(session, again, ct);

    public ValueTask<RegistryChange?> UpdateAsync(SessionRecord session, CancellationToken ct) => Counted(registry).UpdateAsync(session, ct);

    public ValueTask<RegistryChange?> UnbindAsync(SessionRecord session, CancellationToken ct) => Counted(registry).UnbindAsync(session, ct);

    public ValueTask<AccountSessions> FindAsync(BareJid account, ClusterNode holder, CancellationToken ct) => Counted(registry).FindAsync(account, holder, ct);

    public ValueTask ReleaseAsync(IReadOnlyList<BareJid> accounts, ClusterNode holder, CancellationToken ct) => Counted(registry).ReleaseAsync(accounts, holder, ct);

    public ValueTask<IReadOnlyList<SessionRecord>> TakeLostAsync(ClusterNode node, int max, CancellationToken ct) => registry.TakeLostAsync(node, max, ct);

    public ValueTask<IReadOnlyList<ClusterNode>> NodesAsync(CancellationToken ct) => registry.NodesAsync(ct);

    private ISessionRegistry Counted(ISessionRegistry counted)
    {
        Interlocked.Increment(ref _calls);
        return counted;
    }
}
