using System.Data.Common;
using FluentMigrator.Runner;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Storage.Sql.MySql;
using Meerkat.Storage.Sql.Postgres;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Meerkat.Storage.Sql.Servers;

/// <summary>A pool of <c>outgoing_pools.rdbms</c>: a database that is a server of its own (CONF-127 to CONF-143).</summary>
/// <remarks>
/// <para>A read is a query on a free connection. A write is a transaction at the isolation level <em>read committed</em>; those of one owner stand in line by the lock on its row.
/// Writes that name their owner go through one of as many lanes as there are connections, where they keep their order and share commits (<see cref="WriteLane"/>).</para>
/// <para>When the database goes away, what was under way is run again once it is back, or fails with <see cref="StorageUnavailableException"/> after <c>query_timeout</c>. One task tries to
/// reach it, with pauses up to <c>max_start_interval</c>.</para>
/// </remarks>
public sealed class ServerDatabase : SqlDatabase
{
    private static readonly TimeSpan LongestMigration = TimeSpan.FromMinutes(1);

    private readonly ServerDialect _dialect;
    private readonly TimeProvider _time;
    private readonly ConnectionPool _pool;
    private readonly WriteLane[] _lanes;
    private readonly long _limit;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inFlight;
    private volatile bool _disposed;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="name">The pool, for the log and for metrics: <c>default</c>, or <c>default@host</c> for one of a single host.</param>
    /// <param name="options">Which database, and how much. Its driver is not <c>sqlite</c>.</param>
    /// <param name="time">Measures the waiting; the system's when null.</param>
    /// <param name="logger">Told when the database goes and comes; nobody when null.</param>
    public ServerDatabase(string name, RdbmsPoolOptions options, TimeProvider? time = null, ILogger<ServerDatabase>? logger = null)
    {
        _time = time ?? TimeProvider.System;
        _dialect = options.Connection.Driver switch
        {
            RdbmsDriver.Pgsql => PostgresDialect.Instance,
            RdbmsDriver.Mysql => MySqlDialect.Instance,
            var other => throw new ArgumentException($"no database server: {other}", nameof(options)),
        };
        _pool = new ConnectionPool(name, _dialect, options, _time, logger ?? NullLogger<ServerDatabase>.Instance);
        _lanes = [.. Enumerable.Range(0, options.Workers).Select(_ => new WriteLane(_pool, _time))];
        _limit = options.Workers + options.QueueLimit;
        ServerMetrics.Add(this);
    }

    /// <inheritdoc/>
    public override SqlDialect Dialect => _dialect;

    /// <summary>The pool, for people.</summary>
    public string Name => _pool.Name;

    /// <summary>Whether the database answered when it was last asked.</summary>
    public bool IsReachable => _pool.IsReachable;

    /// <summary>Asks the database whether it is there; one that is known to be gone is not asked, it is looked for anyway. One that is only busy is there.</summary>
    public async Task<bool> AnswersAsync(CancellationToken ct)
    {
        if (!IsReachable)
        {
            return false;
        }

        try
        {
            return await _pool.RunAsync(
                async session =>
                {
                    await session.AskAsync("SELECT 1", _pool.Patience, ct);
                    return true;
                },
                ct);
        }
        catch (StorageBusyException)
        {
            return IsReachable;
        }
        catch (Exception failure) when (failure is StorageUnavailableException || ConnectionPool.IsConnectFailure(failure))
        {
            return false; // a connection that stands and brings no answer, too
        }
    }

    internal override bool Exists => true;

    internal int Busy => _pool.Busy;

    internal int Idle => _pool.Idle;

    internal int Waiting => Math.Max(0, Volatile.Read(ref _inFlight) - _pool.Busy);

    private protected override async ValueTask<T> RunReadAsync<T>(Func<SqlSession, ValueTask<T>> query, CancellationToken ct)
    {
        Enter();
        try
        {
            return await _pool.RunAsync(session => session.ReadAsync(query), ct);
        }
        finally
        {
            Leave();
        }
    }

    private protected override async ValueTask<T> RunWriteAsync<T>(Func<SqlSession, ValueTask<T>> operation, CancellationToken ct)
    {
        Enter();
        try
        {
            var began = _time.GetTimestamp();
            var result = await _pool.RunAsync(session => session.TransactAsync(operation), ct);
            StorageMetrics.Committed(1, _time.GetElapsedTime(began));
            return result;
        }
        finally
        {
            Leave();
        }
    }

    private protected override async ValueTask<T> RunWriteAsync<T>(BareJid owner, Func<SqlSession, ValueTask<T>> operation, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Enter();
        try
        {
            return await _lanes[(uint)owner.GetHashCode() % (uint)_lanes.Length].RunAsync(operation);
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _disposed = true;
        ServerMetrics.Remove(this);
        if (Volatile.Read(ref _inFlight) > 0)
        {
            await _idle.Task;
        }

        await _pool.DisposeAsync();
    }

    internal override async ValueTask ReachAsync(CancellationToken ct) => await (await OpenAsync(ct)).DisposeAsync();

    /// <summary>A connection outside the pool, for what takes longer than a request or stands in no transaction. Waits for the server as long as a start does.</summary>
    internal Task<DbConnection> OpenAsync(CancellationToken ct) => _pool.OpenPatientlyAsync(ct);

    internal override void AddMigrations(IMigrationRunnerBuilder runner)
    {
        using var connection = _pool.CreateConnection();
        _dialect.AddMigrations(runner.WithGlobalConnectionString(connection.ConnectionString), _pool.CreateConnection);
    }

    /// <summary>An advisory lock of a connection of its own: it ends with that connection, however that ends.</summary>
    internal override async ValueTask<IAsyncDisposable> LockSchemaAsync(CancellationToken ct)
    {
        var connection = await _pool.OpenPatientlyAsync(ct);
        try
        {
            await _dialect.CheckAsync(connection, ct);
            var began = _time.GetTimestamp();
            while (!await TryLockAsync(connection, ct))
            {
                if (_time.GetElapsedTime(began) > LongestMigration)
                {
                    throw new StorageBusyException($"Another process has been migrating the database {Name} for a minute.");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), _time, ct);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> TryLockAsync(DbConnection connection, CancellationToken ct) =>
        Convert.ToInt64(await connection.AskAsync(_dialect.TryLockSchema, ct), System.Globalization.CultureInfo.InvariantCulture) == 1;

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(ServerDatabase));
        if (Interlocked.Increment(ref _inFlight) > _limit)
        {
            Leave();
            ServerMetrics.Dropped(Name);
            throw new StorageBusyException("Too many requests wait for the database."); // CONF-131
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0 && _disposed)
        {
            _idle.TrySetResult();
        }
    }
}
