using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>The writer's connection: transactions and savepoints by prepared statements.</summary>
internal sealed class SqliteTransactions : IDisposable
{
    private readonly SqliteSession _session;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly SqliteCommand _savepoint;
    private readonly SqliteCommand _release;
    private readonly SqliteCommand _rollbackTo;

    public SqliteTransactions(SqliteSession session)
    {
        _session = session;
        _begin = Prepare("BEGIN IMMEDIATE"); // now, not at the first write: waiting for another process is for the whole group
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _savepoint = Prepare("SAVEPOINT operation");
        _release = Prepare("RELEASE operation");
        _rollbackTo = Prepare("ROLLBACK TO operation");
    }

    private bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_session.Handle) == 0;

    public void Begin() => _begin.ExecuteNonQuery();

    /// <summary>Ends the transaction: on the disk when it returns.</summary>
    public void Commit()
    {
        if (InTransaction)
        {
            _commit.ExecuteNonQuery();
        }
    }

    /// <summary>Runs one operation; one that fails leaves nothing behind.</summary>
    /// <param name="request">Gets the failure.</param>
    /// <param name="isolate">Whether others are in the transaction.</param>
    /// <returns>False when the whole transaction was lost.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "An operation's failure is its caller's, whatever it is.")]
    public bool Run(WriteRequest request, bool isolate)
    {
        if (isolate)
        {
            _savepoint.ExecuteNonQuery();
        }

        try
        {
            request.Run(_session.Session);
            if (!InTransaction)
            {
                request.Failure = new InvalidOperationException("An operation ended the transaction that it shares with others.");
                return false;
            }
        }
        catch (Exception e)
        {
            request.Failure = e;
            if (!InTransaction)
            {
                return false;
            }

            if (!isolate)
            {
                _rollback.ExecuteNonQuery();
                return true;
            }

            _rollbackTo.ExecuteNonQuery();
        }

        if (isolate)
        {
            _release.ExecuteNonQuery();
        }

        return true;
    }

    public void Dispose()
    {
        foreach (var command in (ReadOnlySpan<SqliteCommand>)[_begin, _commit, _rollback, _savepoint, _release, _rollbackTo])
        {
            command.Dispose();
        }

        _session.Dispose();
    }

    private SqliteCommand Prepare(string sql)
    {
        var command = _session.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
