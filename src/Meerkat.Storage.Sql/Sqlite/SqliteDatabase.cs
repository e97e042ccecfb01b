using FluentMigrator.Runner;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>The embedded store: one file, one writer, pooled readers.</summary>
/// <remarks>
/// <para>A read runs on the caller's thread: it is a few pages of memory, and a hop would cost more. A write is queued to the writer's own thread, where what is waiting
/// shares one commit (<see cref="SqliteWriter"/>): under load a commit, with its fsync, serves hundreds of callers.</para>
/// <para>The file is made by the first migration, or by the first write.</para>
/// </remarks>
public sealed class SqliteDatabase : SqlDatabase
{
    private readonly SqliteOptions _options;
    private readonly TimeProvider _time;
    private readonly SqliteConnections _connections;
    private readonly SqliteReaders _readers;
    private readonly SqliteWriter _writer;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="options">Where, and how much.</param>
    /// <param name="time">Measures the waiting; the system's when null.</param>
    /// <param name="logger">Told of failed commits; nobody when null.</param>
    public SqliteDatabase(SqliteOptions options, TimeProvider? time = null, ILogger<SqliteDatabase>? logger = null)
    {
        _options = options;
        _time = time ?? TimeProvider.System;
        _connections = new SqliteConnections(options);
        _readers = new SqliteReaders(_connections, options, _time);
        _writer = new SqliteWriter(_connections, options, _time, logger ?? NullLogger<SqliteDatabase>.Instance);
    }

    /// <inheritdoc/>
    public override SqlDialect Dialect => SqliteDialect.Instance;

    internal override bool Exists => File.Exists(_options.Path);

    private protected override ValueTask<T> RunReadAsync<T>(Func<SqlSession, ValueTask<T>> query, CancellationToken ct) => _readers.RunAsync(query, ct);

    private protected override ValueTask<T> RunWriteAsync<T>(Func<SqlSession, ValueTask<T>> operation, CancellationToken ct) => _writer.RunAsync(operation, ct);

    // One writer: every write stands in one line.
    private protected override ValueTask<T> RunWriteAsync<T>(BareJid owner, Func<SqlSession, ValueTask<T>> operation, CancellationToken ct) => _writer.RunAsync(operation, ct);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _readers.DisposeAsync();
    }

    internal override void AddMigrations(IMigrationRunnerBuilder runner) => runner.AddSQLite().WithGlobalConnectionString(_connections.ConnectionString);

    /// <summary>A lock on a file beside the database: it ends with its process, however that ends.</summary>
    internal override async ValueTask<IAsyncDisposable> LockSchemaAsync(CancellationToken ct)
    {
        _connections.CreateFile();
        var until = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(_options.Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (_time.GetElapsedTime(until) < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time, ct); // another process migrates
            }
            catch (IOException e)
            {
                throw new StorageBusyException($"Another process has held {_options.Path}.lock for a minute.", e);
            }
        }
    }
}
