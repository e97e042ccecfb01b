using System.Diagnostics;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Core.Tracing;
using Meerkat.Storage.Cassandra.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Meerkat.Storage.Cassandra.Connections;

/// <summary>A pool of <c>outgoing_pools.cassandra</c>: connections to the servers of a cluster, over the native protocol (CONF-127 to CONF-134, CONF-158 to CONF-161).</summary>
/// <remarks>
/// <para>A request goes on the connection that carries the fewest. When that connection is lost, or its server is overloaded or has too few replicas, it is asked of another, within
/// <c>call_timeout</c> in all: every statement may run twice (<see cref="ICqlSession"/>).</para>
/// <para>The servers are those of the configuration; others of the cluster are reached through them.</para>
/// </remarks>
public sealed class CassandraPool : ICqlSession
{
    private const int MaxPrepares = 3;

    private readonly CassandraPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CassandraNode[] _nodes;
    private readonly WriteClock _clock;
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private bool _started;
    private volatile bool _disposed;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="name">The pool, for the log and for metrics: <c>default</c>, or <c>default@host</c> for one of a single host.</param>
    /// <param name="options">Which cluster, and how much.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="logger">Told when servers go and come; nobody when null.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file of the <c>tls</c> table is not what it should be.</exception>
    public CassandraPool(string name, CassandraPoolOptions options, TimeProvider? time = null, ILogger<CassandraPool>? logger = null)
    {
        Name = name;
        Keyspace = $"\"{options.Connection.Keyspace.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        _options = options;
        _time = time ?? TimeProvider.System;
        _clock = new WriteClock(_time);
        _logger = logger ?? NullLogger<CassandraPool>.Instance;
        var servers = options.Connection.Servers;
        var each = (options.Workers + servers.Count - 1) / servers.Count;
        _nodes = [.. servers.Select(server => new CassandraNode(name, server, each, options, _time, _logger, Changed))];
        CassandraMetrics.Add(this);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Keyspace { get; }

    /// <summary>The keyspace as Cassandra's own tables name it.</summary>
    public string KeyspaceName => _options.Connection.Keyspace;

    internal int InFlight => _nodes.Sum(node => node.Open.Sum(connection => connection.InFlight));

    internal int Waiting => Volatile.Read(ref _waiting);

    internal int Connections => _nodes.Sum(node => node.Open.Count);

    /// <summary>Whether any server can be reached.</summary>
    public bool IsReachable => Reachable > 0;

    /// <summary>How many servers can be reached.</summary>
    internal int Reachable => _nodes.Count(node => node.Open.Any(connection => connection.IsOpen));

    internal ILogger Logger => _logger;

    /// <inheritdoc/>
    public async ValueTask<CqlPage> ExecuteAsync(CqlStatement statement, CancellationToken ct)
    {
        var timestamp = _clock.Next();
        return await RunAsync(
            async (node, connection, patience) =>
            {
                if (!statement.IsPrepared)
                {
                    return Requests.Query(statement.Text, Consistency);
                }

                var prepared = await node.PrepareAsync(connection, statement.Text, patience, ct);
                return Requests.Execute(prepared, statement, Consistency, timestamp);
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask BatchAsync(IReadOnlyList<CqlStatement> statements, CancellationToken ct)
    {
        var timestamp = _clock.Next();
        await RunAsync(
            async (node, connection, patience) =>
            {
                var prepared = new (PreparedStatement, CqlStatement)[statements.Count];
                for (var i = 0; i < prepared.Length; i++)
                {
                    prepared[i] = (await node.PrepareAsync(connection, statements[i].Text, patience, ct), statements[i]);
                }

                return Requests.Batch(prepared, Consistency, timestamp);
            },
            ct);
    }

    /// <summary>Waits for a server to be there, as long as a start does (<c>call_timeout</c>).</summary>
    /// <exception cref="StorageUnavailableException">None came.</exception>
    public async Task WaitAsync(CancellationToken ct)
    {
        Start();
        await TakeAsync(_time.GetTimestamp(), null, ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        CassandraMetrics.Remove(this);
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        Changed();
    }

    // Native protocol v4, section 3: [consistency].
    private ushort Consistency => _options.Connection.Consistency switch
    {
        CassandraConsistency.One => 1,
        CassandraConsistency.Two => 2,
        CassandraConsistency.Three => 3,
        CassandraConsistency.Quorum => 4,
        CassandraConsistency.All => 5,
        CassandraConsistency.LocalQuorum => 6,
        _ => 10,
    };

    private async ValueTask<CqlPage> RunAsync(Func<CassandraNode, CqlConnection, TimeSpan, ValueTask<byte[]>> request, CancellationToken ct)
    {
        Start();
        using var span = StanzaTrace.Start("cassandra request");
        span?.SetTag("meerkat.pool", Name);
        var began = _time.GetTimestamp();
        var succeeded = false;
        try
        {
            var page = await AttemptAsync(request, began, ct);
            succeeded = true;
            return page;
        }
        finally
        {
            span?.SetStatus(succeeded ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
            CassandraMetrics.Took(Name, _time.GetElapsedTime(began), succeeded);
        }
    }

    private async ValueTask<CqlPage> AttemptAsync(Func<CassandraNode, CqlConnection, TimeSpan, ValueTask<byte[]>> request, long began, CancellationToken ct)
    {
        var refused = new HashSet<CassandraNode>();
        var prepares = 0;
        while (true)
        {
            var (node, connection) = await TakeAsync(began, refused, ct);
            byte[] frame;
            try
            {
                // The stream of the request is taken afterwards: to prepare is a request of its own.
                frame = await request(node, connection, Left(began));
                if (!await ReserveAsync(connection, Left(began), ct))
                {
                    throw new StorageBusyException("All connections to Cassandra are busy.");
                }

                return Response.ReadPage(await connection.SendAsync(frame, Left(began), ct));
            }
            catch (CqlException error) when (error.Code is CqlError.Unprepared && prepares++ < MaxPrepares)
            {
                node.Forget();
                CassandraMetrics.Retried(Name, "unprepared");
            }
            catch (CqlException error) when (error.Code is CqlError.Overloaded or CqlError.IsBootstrapping or CqlError.Unavailable && refused.Add(node) && Best(refused) is not null)
            {
                CassandraMetrics.Retried(Name, "refused");
            }
            catch (CqlException error)
            {
                throw Translate(error);
            }
            catch (CqlProtocolException bad)
            {
                connection.Close(bad);
                CassandraMetrics.Retried(Name, "lost");
            }
            catch (IOException)
            {
                CassandraMetrics.Retried(Name, "lost");
            }
        }
    }

    private static Exception Translate(CqlException error) => error.Code switch
    {
        CqlError.Overloaded => new StorageBusyException(error.Message, error),
        CqlError.IsBootstrapping or CqlError.Unavailable => new StorageUnavailableException(error.Message, error),
        CqlError.ReadTimeout or CqlError.WriteTimeout => new TimeoutException(error.Message, error),
        _ => error,
    };

    private async ValueTask<bool> ReserveAsync(CqlConnection connection, TimeSpan patience, CancellationToken ct)
    {
        if (connection.TryReserve())
        {
            return true;
        }

        if (Interlocked.Increment(ref _waiting) > _options.QueueLimit)
        {
            Interlocked.Decrement(ref _waiting);
            CassandraMetrics.Dropped(Name);
            throw new StorageBusyException("Too many requests wait for Cassandra."); // CONF-131
        }

        try
        {
            return await connection.ReserveAsync(patience, ct);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    // The connection that carries the fewest, of servers that have not refused; waits where none is open.
    private async ValueTask<(CassandraNode Node, CqlConnection Connection)> TakeAsync(long began, HashSet<CassandraNode>? refused, CancellationToken ct)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(CassandraPool));
            var changed = Volatile.Read(ref _changed).Task;
            if (Best(refused) is { } best)
            {
                return best;
            }

            try
            {
                await changed.WaitAsync(Left(began), _time, ct);
            }
            catch (TimeoutException)
            {
                var cause = _nodes.Select(node => node.Cause).FirstOrDefault(cause => cause is not null);
                throw new StorageUnavailableException($"Cassandra ({Name}) cannot be reached: {cause?.Message ?? "no connection is open"}", cause!);
            }
        }
    }

    private (CassandraNode, CqlConnection)? Best(HashSet<CassandraNode>? refused)
    {
        (CassandraNode, CqlConnection)? best = null;
        var fewest = int.MaxValue;
        var first = Random.Shared.Next(_nodes.Length);
        for (var i = 0; i < _nodes.Length; i++)
        {
            var node = _nodes[(first + i) % _nodes.Length];
            if (refused?.Contains(node) is true)
            {
                continue;
            }

            foreach (var connection in node.Open)
            {
                if (connection.IsOpen && connection.InFlight < fewest)
                {
                    fewest = connection.InFlight;
                    best = (node, connection);
                }
            }
        }

        return best;
    }

    private TimeSpan Left(long began)
    {
        var left = _options.CallTimeout - _time.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Start()
    {
        if (Volatile.Read(ref _started))
        {
            return;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(CassandraPool));
            if (!_started)
            {
                foreach (var node in _nodes)
                {
                    node.Start();
                }

                Volatile.Write(ref _started, true);
            }
        }
    }

    private void Changed() => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
