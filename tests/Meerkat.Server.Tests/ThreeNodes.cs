using Meerkat.Testing;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>Three nodes, or fewer, for the tests of a class.</summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    private readonly int _count;
    private readonly Func<string, string>? _change;
    private readonly ClusterProcess _cluster;
    private ClusterProcess.NodeProcess[] _nodes = [];

    /// <summary>As in the examples.</summary>
    public ThreeNodes()
        : this(3, null)
    {
    }

    internal ThreeNodes(int count, Func<string, string>? change, ClusterProcess? cluster = null)
    {
        _cluster = cluster ?? new ClusterProcess();
        _count = count;
        _change = change;
    }

    internal ClusterProcess.NodeProcess this[int number] => _nodes[number];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _nodes = [.. Enumerable.Range(1, _count).Select(number => _cluster.Node(number, _change))];
        await Task.WhenAll(_nodes.Select(node => node.StartAsync()));
    }

    /// <summary>How many there are.</summary>
    public int Count => _count;

    /// <summary>The folder that they share.</summary>
    public string DataFolder => _cluster.DataFolder;

    /// <summary>A client of a node; its account is made when there is none.</summary>
    public async Task<TestClient> LogInAsync(int node, string account, string resource)
    {
        await RegisterAsync(node, account);
        return await ConnectAsync(node, account, resource);
    }

    /// <summary>Makes an account, unless it is there.</summary>
    public async Task RegisterAsync(int node, string account)
    {
        await using var client = await TestClient.ConnectAsync(_nodes[node].Clients, "localhost");
        await client.OpenStreamAsync();
        await client.SendAsync($"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>{account}</username><password>secret</password></query></iq>");
        await client.ReceiveAsync(); // done, or it is there
    }

    /// <summary>A client of a node, bound; the account is there.</summary>
    public async Task<TestClient> ConnectAsync(int node, string account, string resource) =>
        await LogInAsync(await TestClient.ConnectAsync(_nodes[node].Clients, "localhost"), account, resource);

    /// <summary>Logs a client in that is connected already; the account is there.</summary>
    public static async Task<TestClient> LogInAsync(TestClient session, string account, string resource)
    {
        try
        {
            await session.LogInAsync(account, "localhost", "secret");
            await session.BindAsync(resource);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
