using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra.Tests.Double;

/// <summary>A server of the double: it can be stopped and started again on its port, and made to hang.</summary>
internal sealed class DoubleNode(CassandraDouble cluster, IPAddress address) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<DoubleConnection, Task> _connections = new();
    private readonly ConcurrentDictionary<string, Statement> _prepared = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private TaskCompletionSource? _hanging;
    private (int Generation, bool HasSchema, DoubleKeyspaces Tables)? _system;

    public CassandraDouble Cluster => cluster;

    /// <summary>The tables in which it describes itself.</summary>
    public DoubleKeyspaces System(bool withSchema)
    {
        var generation = cluster.Keyspaces.Generation;
        if (_system is not { } known || known.Generation != generation || (withSchema && !known.HasSchema))
        {
            _system = known = (generation, withSchema, SystemTables.Describe(cluster.Keyspaces, address, [.. cluster.Nodes.Where(other => other != this).Select(other => other.Address)], withSchema));
        }

        return known.Tables;
    }

    public IPAddress Address => address;

    public int Port { get; private set; }

    /// <summary>Connections that are open.</summary>
    public int Connections => _connections.Count;

    /// <summary>How many statements were learnt.</summary>
    public int Prepares { get; private set; }

    /// <summary>How many requests came, connecting included.</summary>
    public int Requests => _requests;

    private int _requests;

    public Task StartAsync()
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(address, Port));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync(_listener);
        return Task.CompletedTask;
    }

    /// <summary>Dies: connections are cut, what was learnt is forgotten.</summary>
    public async Task StopAsync()
    {
        _listener?.Dispose();
        await _accepting;
        Resume();
        foreach (var connection in _connections.Keys)
        {
            connection.Cut();
        }

        await Task.WhenAll(_connections.Values);
        _prepared.Clear();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Throws everybody out, and goes on.</summary>
    public void Cut()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Cut();
        }
    }

    /// <summary>Its connections stand, and nothing is answered.</summary>
    public void Hang() => _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Resume()
    {
        _hanging?.TrySetResult();
        _hanging = null;
    }

    /// <summary>Waits while it hangs.</summary>
    public Task NotHanging() => _hanging?.Task ?? Task.CompletedTask;

    /// <summary>Forgets the statements that it has learnt, as a server with a full cache does.</summary>
    public void Forget() => _prepared.Clear();

    public void Learn(byte[] id, Statement statement)
    {
        Prepares++;
        _prepared[Convert.ToHexString(id)] = statement;
    }

    public Statement Learnt(byte[] id) =>
        _prepared.TryGetValue(Convert.ToHexString(id), out var known) ? known : throw new DoubleException(CqlError.Unprepared, $"Prepared query with ID {Convert.ToHexString(id)} not found", id);

    public void Count() => Interlocked.Increment(ref _requests);

    /// <summary>Tells those who asked for it that the schema has changed.</summary>
    public void Tell((string Change, string Target, string Keyspace, string? Name) change)
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Tell(change);
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            var connection = new DoubleConnection(this, socket);
            _connections[connection] = Task.CompletedTask;
            _connections[connection] = Task.Run(async () =>
            {
                await connection.RunAsync();
                _connections.TryRemove(connection, out _);
            });
        }
    }
}
