using System.Data;
using System.Data.Common;

namespace Meerkat.Storage.Sql.Servers;

/// <summary>A connection of a pool with its linq2db session.</summary>
internal sealed class ServerSession : IAsyncDisposable
{
    private readonly DbConnection _connection;

    public ServerSession(ServerDialect dialect, DbConnection open)
    {
        _connection = open;
        Session = new SqlSession(dialect, open);
    }

    public SqlSession Session { get; }

    /// <summary>Whether the driver still believes in it.</summary>
    public bool IsOpen => _connection.State is ConnectionState.Open;

    /// <summary>When it was last given back: a time stamp.</summary>
    public long LastUsed { get; set; }

    /// <summary>Whether the last transaction got as far as its commit: when the connection breaks then, nobody knows whether it took place.</summary>
    public bool WasCommitting { get; private set; }

    public ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> query)
    {
        WasCommitting = false;
        return query(Session);
    }

    /// <summary>Runs an operation in a transaction of its own.</summary>
    public async ValueTask<T> TransactAsync<T>(Func<SqlSession, ValueTask<T>> operation)
    {
        WasCommitting = false;
        await Session.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        Session.IsWriting = true;
        try
        {
            var result = await operation(Session);
            WasCommitting = true;
            await Session.CommitTransactionAsync();
            WasCommitting = false;
            return result;
        }
        catch when (IsOpen)
        {
            await RollbackAsync();
            throw;
        }
        finally
        {
            Session.IsWriting = false;
        }
    }

    public async Task AskAsync(string sql, TimeSpan patience, CancellationToken ct)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = (int)Math.Ceiling(patience.TotalSeconds);
        await command.ExecuteNonQueryAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Session.DisposeAsync();
            await _connection.DisposeAsync();
        }
        catch (Exception e) when (e is DbException or IOException or InvalidOperationException)
        {
            // It is broken, which is why it is thrown away.
        }
    }

    private async ValueTask RollbackAsync()
    {
        try
        {
            await Session.RollbackTransactionAsync();
        }
        catch (Exception e) when (e is DbException or IOException or InvalidOperationException)
        {
            await _connection.CloseAsync(); // what it was asked to undo is undone with it
        }
    }
}
