using System.Net;
using System.Security.Cryptography.X509Certificates;
using Meerkat.Core.Hosts;
using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra.Tests.Double;

/// <summary>A cluster in this process that speaks the native protocol (v4) and runs the part of CQL that the stores use. All of its servers have all the data, which outlive them.</summary>
/// <remarks>What it is not: it keeps nothing on a disk, knows no replicas that disagree, no light-weight transactions, no expiry. Two foreign drivers prove that it is taken for a Cassandra.</remarks>
internal sealed class CassandraDouble : IAsyncDisposable
{
    private readonly List<DoubleNode> _nodes = [];
    private readonly Cassandra.Connections.WriteClock _clock = new(TimeProvider.System);

    /// <summary>Name and password; null lets everybody in.</summary>
    public (string Name, string Password)? Credentials { get; init; }

    /// <summary>With a certificate it speaks TLS alone.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The data.</summary>
    public DoubleKeyspaces Keyspaces { get; } = new();

    public IReadOnlyList<DoubleNode> Nodes => _nodes;

    /// <summary>Requests are carried out one after the other.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Called before a request is carried out; what it raises is the answer.</summary>
    public Action<DoubleNode, Opcode>? Before { get; set; }

    /// <summary>Statements that were carried out, as texts.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Ran { get; } = new();

    /// <summary>Starts a cluster.</summary>
    public static async Task<CassandraDouble> StartAsync(int nodes = 1, (string, string)? credentials = null, X509Certificate2? certificate = null, string? keyspace = "meerkat")
    {
        var cluster = new CassandraDouble { Credentials = credentials, Certificate = certificate };
        for (var i = 1; i <= nodes; i++)
        {
            var node = new DoubleNode(cluster, IPAddress.Parse($"127.0.0.{i}"));
            cluster._nodes.Add(node);
            await node.StartAsync();
        }

        if (keyspace is not null)
        {
            cluster.Run($"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}");
        }

        return cluster;
    }

    /// <summary>Runs a text as if it had come from a client.</summary>
    public Outcome Run(string text) => Keyspaces.Run(CqlParser.Parse(text).Statement, null, new Bound([]), null, Now());

    /// <summary>A time stamp for a statement that brings none.</summary>
    public long Now() => _clock.Next();

    /// <summary>Options of a pool of this cluster.</summary>
    public CassandraPoolOptions Options(Func<CassandraConnectionOptions, CassandraConnectionOptions>? with = null)
    {
        var connection = new CassandraConnectionOptions
        {
            Servers = [.. _nodes.Select(node => new CassandraServerOptions { Host = $"{node.Address}", Port = node.Port })],
            Keyspace = "meerkat",
            Consistency = CassandraConsistency.One,
            Auth = Credentials is { } known ? new() { Plain = new() { Username = known.Name, Password = known.Password } } : null,
        };
        return new CassandraPoolOptions { Workers = 2, CallTimeout = TimeSpan.FromSeconds(20), Connection = with?.Invoke(connection) ?? connection };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        Turn.Dispose();
    }
}
