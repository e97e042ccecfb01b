using System.Collections.Concurrent;

namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>A bounded pool of connections that read, opened when they are first needed.</summary>
internal sealed class SqliteReaders(SqliteConnections connections, SqliteOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(options.Readers, options.Readers);
    private readonly ConcurrentStack<SqliteSession> _idle = new(); // a stack: the one used last has its pages in its cache
    private volatile bool _disposed;

    public async ValueTask<T> RunAsync<T>(Func<SqlSession, ValueTask<T>> query, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteDatabase));
        await _free.EnterAsync(options.Patience, time, "All database connections are busy.", ct);
        SqliteSession? reader = null;
        try
        {
            if (!_idle.TryPop(out reader))
            {
                reader = connections.OpenReader();
            }

            var result = await query(reader.Session);
            _idle.Push(reader);
            reader = null;
            return result;
        }
        finally
        {
            reader?.Dispose(); // it failed: whatever the reason, the next query begins on a fresh connection
            _free.Release();
        }
    }

    /// <summary>Waits for the queries that run.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        for (var i = 0; i < options.Readers; i++)
        {
            await _free.WaitAsync();
        }

        while (_idle.TryPop(out var reader))
        {
            reader.Dispose();
        }
    }
}
