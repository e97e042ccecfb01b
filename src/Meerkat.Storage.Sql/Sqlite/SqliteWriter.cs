using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>The one writer: a thread that takes what is waiting, runs it in one transaction, commits once and then tells all callers.</summary>
/// <remarks>
/// <para>Nothing is delayed to make groups larger. While one group is committed the next one gathers, so that a lone write commits at once and a flood commits in large groups.</para>
/// <para>Within a group every operation has a savepoint: one that fails is undone, alone. The order of operations is the order in which they were queued.</para>
/// </remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private readonly SqliteConnections _connections;
    private readonly SqliteOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _slots;
    private readonly object _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private List<WriteRequest> _waiting = [];
    private bool _closing;
    private bool _started;
    private SqliteTransactions? _connection; // the writer's thread only

    public SqliteWriter(SqliteConnections connections, SqliteOptions options, TimeProvider time, ILogger logger)
    {
        _connections = connections;
        _options = options;
        _time = time;
        _logger = logger;
        _slots = new SemaphoreSlim(options.QueueLength, options.QueueLength);
        StorageMetrics.Add(this);
    }

    /// <summary>How many writes wait.</summary>
    public int Waiting => _options.QueueLength - _slots.CurrentCount;

    public async ValueTask<T> RunAsync<T>(Func<SqlSession, ValueTask<T>> operation, CancellationToken ct)
    {
        await _slots.EnterAsync(_options.Patience, _time, "The database's write queue is full.", ct);
        var request = new WriteRequest<T>(operation);
        Enqueue(request);
        return await request.Task;
    }

    /// <summary>Refuses what comes now, runs what is queued, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (!_closing && !_started)
            {
                _ended.SetResult();
            }

            _closing = true;
            Monitor.PulseAll(_gate);
        }

        await _ended.Task;
        StorageMetrics.Remove(this);
    }

    private void Enqueue(WriteRequest request)
    {
        lock (_gate)
        {
            if (_closing)
            {
                _slots.Release();
                throw new ObjectDisposedException(nameof(SqliteDatabase));
            }

            if (!_started)
            {
                _started = true;
                new Thread(Loop) { IsBackground = true, Name = "sqlite writer" }.Start();
            }

            _waiting.Add(request);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    private void Loop()
    {
        var group = new List<WriteRequest>();
        while (TakeAll(ref group))
        {
            for (var done = 0; done < group.Count;)
            {
                done += Commit(group.GetRange(done, Math.Min(_options.GroupSize, group.Count - done)));
            }

            group.Clear();
        }

        _connection?.Dispose();
        _ended.SetResult();
    }

    private bool TakeAll(ref List<WriteRequest> group)
    {
        lock (_gate)
        {
            while (_waiting is [])
            {
                if (_closing)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            (group, _waiting) = (_waiting, group);
        }

        _slots.Release(group.Count);
        return true;
    }

    /// <summary>Runs a group, or the first part of it, and tells its callers.</summary>
    /// <returns>How many have been told.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever went wrong is told to every caller of the group; the thread must go on for the next.")]
    private int Commit(List<WriteRequest> group)
    {
        var ran = 0;
        var began = _time.GetTimestamp();
        try
        {
            _connection ??= new SqliteTransactions(_connections.OpenWriter());
            _connection.Begin();
            var alone = group.Count == 1;
            var whole = true;
            while (whole && ran < group.Count)
            {
                whole = _connection.Run(group[ran++], isolate: !alone);
            }

            if (whole)
            {
                _connection.Commit();
            }
            else
            {
                group = group.GetRange(0, ran); // SQLite undid the transaction itself (disk full, out of memory): who ran in it has failed, the rest begins anew
                FailAll(group, group[^1].Failure!);
            }
        }
        catch (SqliteException e) when (ran == 0 && e.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY)
        {
            ran = group.Count;
            FailAll(group, new StorageBusyException("Another process is writing to the database.", e));
        }
        catch (Exception e)
        {
            SqliteLog.CommitFailed(_logger, group.Count, e);
            ran = group.Count;
            FailAll(group, e);
            Reopen();
        }

        StorageMetrics.Committed(group.Count, _time.GetElapsedTime(began));
        foreach (var request in group)
        {
            request.Complete();
        }

        return ran;
    }

    private static void FailAll(List<WriteRequest> group, Exception error)
    {
        foreach (var request in group)
        {
            request.Failure ??= error;
        }
    }

    /// <summary>Closing undoes what is open; the next group opens a connection of its own.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The connection is broken already; its replacement tells whether the database is.")]
    private void Reopen()
    {
        try
        {
            _connection?.Dispose();
        }
        catch (Exception e)
        {
            SqliteLog.CloseFailed(_logger, e);
        }

        _connection = null;
    }
}
