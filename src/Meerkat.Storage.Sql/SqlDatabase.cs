using Meerkat.Core.Storage;

namespace Meerkat.Storage.Sql;

/// <summary>One database, as stores see it: a read is one query on a pooled connection, a write is one transaction.</summary>
/// <remarks>
/// <para>Safe for concurrent use. Stores are written once against this class with linq2db, in a way that all dialects share.</para>
/// <para>An operation is given a session that is its own until the operation's task ends, and awaits nothing but that session's queries: on SQLite, many callers' writes share one
/// thread and one transaction. An operation that throws leaves nothing behind and fails only its own caller.</para>
/// </remarks>
public abstract class SqlDatabase : IAsyncDisposable
{
    private protected SqlDatabase()
    {
    }

    /// <summary>What differs between databases.</summary>
    public abstract SqlDialect Dialect { get; }

    /// <summary>Runs a query. It sees every write that was acknowledged before.</summary>
    /// <param name="query">What to ask. It must not write.</param>
    /// <param name="ct">Gives up waiting for a connection, and is handed to the query by those who want it.</param>
    /// <exception cref="StorageBusyException">No connection was free in time.</exception>
    public abstract ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> query, CancellationToken ct);

    /// <summary>Runs an operation in a transaction. When the returned task ends well, the change is durable: it survives the death of the process and of the machine.</summary>
    /// <param name="operation">What to do, as a whole or not at all. Run once.</param>
    /// <param name="ct">Gives up waiting in line. Once the operation is in the queue it is run whatever happens, so that a caller never has to guess.</param>
    /// <exception cref="StorageBusyException">The queue was full for longer than the time allowed. Nothing was done.</exception>
    public abstract ValueTask<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> operation, CancellationToken ct);

    /// <summary>Finishes what is queued, then closes. Later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public abstract ValueTask DisposeAsync();

    internal abstract string MigrationConnectionString { get; }

    /// <summary>False only where asking an absent database would make one.</summary>
    internal abstract bool Exists { get; }

    /// <summary>Keeps other processes from migrating until it is disposed.</summary>
    internal abstract ValueTask<IAsyncDisposable> LockSchemaAsync(CancellationToken ct);
}
