using System.Runtime.CompilerServices;
using FluentMigrator.Runner;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql;

/// <summary>One database, as stores see it: a read is one query on a pooled connection, a write is one transaction.</summary>
/// <remarks>
/// <para>Safe for concurrent use. Stores are written once against this class with linq2db, in a way that all dialects share.</para>
/// <para>An operation is given a session that is its own until the operation's task ends, and awaits nothing but that session's queries: on SQLite, many callers' writes share one
/// thread and one transaction. An operation that throws leaves nothing behind and fails only its own caller. It may be run again, from its beginning, when it was undone by no
/// fault of its own (a deadlock, a connection that broke, a neighbour in the same transaction that failed): so it changes nothing but the database.</para>
/// <para>On a database server writes run at the same time, in several processes too. What an operation reads in order to decide is protected by the lock that
/// <see cref="SqlSession.FindOwnerAsync"/> and <see cref="SqlSession.EnsureOwnerAsync"/> take on the owner's row: call one of them first, and all writes of an owner stand in line.</para>
/// </remarks>
public abstract class SqlDatabase : IAsyncDisposable
{
    private protected SqlDatabase()
    {
    }

    /// <summary>What differs between databases.</summary>
    public abstract SqlDialect Dialect { get; }

    /// <summary>Runs a query. It sees every write that was acknowledged before.</summary>
    /// <param name="query">What to ask. It must not write. It may be run again.</param>
    /// <param name="ct">Gives up waiting for a connection, and is handed to the query by those who want it.</param>
    /// <param name="operation">What the store calls it, for metrics and traces: the compiler's to give.</param>
    /// <param name="store">The store's file, for the same.</param>
    /// <exception cref="StorageBusyException">No connection was free in time.</exception>
    /// <exception cref="StorageUnavailableException">The database is gone.</exception>
    public ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> query, CancellationToken ct, [CallerMemberName] string operation = "", [CallerFilePath] string store = "") =>
        OperationWatch.IsWanted ? WatchReadAsync(query, operation, store, ct) : RunReadAsync(query, ct);

    /// <summary>Runs an operation in a transaction. When the returned task ends well, the change is durable: it survives the death of the process and of the machine.</summary>
    /// <param name="operation">What to do, as a whole or not at all.</param>
    /// <param name="ct">Gives up waiting in line. Once the operation is in the queue it is run whatever happens, so that a caller never has to guess.</param>
    /// <param name="name">What the store calls it, for metrics and traces: the compiler's to give.</param>
    /// <param name="store">The store's file, for the same.</param>
    /// <exception cref="StorageBusyException">The queue was full for longer than the time allowed. Nothing was done.</exception>
    /// <exception cref="StorageUnavailableException">The database is gone.</exception>
    public ValueTask<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> operation, CancellationToken ct, [CallerMemberName] string name = "", [CallerFilePath] string store = "") =>
        OperationWatch.IsWanted ? WatchWriteAsync(null, operation, name, store, ct) : RunWriteAsync(operation, ct);

    /// <summary>As <see cref="WriteAsync{T}(Func{SqlSession, ValueTask{T}}, CancellationToken, string, string)"/>, in the order in which this process asked for that owner's writes; what waits
    /// together may share one transaction.</summary>
    /// <param name="owner">Whose rows are written: the operation looks up this owner and no other.</param>
    /// <param name="operation">What to do, as a whole or not at all.</param>
    /// <param name="ct">Gives up waiting in line.</param>
    /// <param name="name">What the store calls it, for metrics and traces: the compiler's to give.</param>
    /// <param name="store">The store's file, for the same.</param>
    /// <exception cref="StorageBusyException">The queue was full for longer than the time allowed. Nothing was done.</exception>
    /// <exception cref="StorageUnavailableException">The database is gone.</exception>
    public ValueTask<T> WriteAsync<T>(BareJid owner, Func<SqlSession, ValueTask<T>> operation, CancellationToken ct, [CallerMemberName] string name = "", [CallerFilePath] string store = "") =>
        OperationWatch.IsWanted ? WatchWriteAsync(owner, operation, name, store, ct) : RunWriteAsync(owner, operation, ct);

    /// <summary>Finishes what is queued, then closes. Later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public abstract ValueTask DisposeAsync();

    private protected abstract ValueTask<T> RunReadAsync<T>(Func<SqlSession, ValueTask<T>> query, CancellationToken ct);

    private protected abstract ValueTask<T> RunWriteAsync<T>(Func<SqlSession, ValueTask<T>> operation, CancellationToken ct);

    private protected abstract ValueTask<T> RunWriteAsync<T>(BareJid owner, Func<SqlSession, ValueTask<T>> operation, CancellationToken ct);

    /// <summary>False only where asking an absent database would make one.</summary>
    internal abstract bool Exists { get; }

    /// <summary>Waits, as long as a start does, until the database can be reached.</summary>
    /// <exception cref="Servers.AccessRefusedException">It is there and refuses what the configuration says.</exception>
    /// <exception cref="StorageUnavailableException">It did not come.</exception>
    internal virtual ValueTask ReachAsync(CancellationToken ct) => default;

    /// <summary>Tells the migration library which database it is, and how to connect.</summary>
    internal abstract void AddMigrations(IMigrationRunnerBuilder runner);

    /// <summary>Keeps other processes from migrating until it is disposed.</summary>
    internal abstract ValueTask<IAsyncDisposable> LockSchemaAsync(CancellationToken ct);

    private async ValueTask<T> WatchReadAsync<T>(Func<SqlSession, ValueTask<T>> query, string name, string store, CancellationToken ct)
    {
        using var watch = new OperationWatch(Dialect, "read", store, name);
        return watch.Done(await RunReadAsync(query, ct));
    }

    private async ValueTask<T> WatchWriteAsync<T>(BareJid? owner, Func<SqlSession, ValueTask<T>> operation, string name, string store, CancellationToken ct)
    {
        using var watch = new OperationWatch(Dialect, "write", store, name);
        return watch.Done(await (owner is null ? RunWriteAsync(operation, ct) : RunWriteAsync(owner, operation, ct)));
    }
}
