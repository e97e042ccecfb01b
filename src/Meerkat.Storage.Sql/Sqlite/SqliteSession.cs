using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>A connection with its prepared statements and its linq2db session.</summary>
internal sealed class SqliteSession : SqliteConnection
{
    private readonly SqliteStatements _statements;

    public SqliteSession(string connectionString)
        : base(connectionString)
    {
        _statements = new SqliteStatements(this);
        Session = new SqlSession(SqliteDialect.Instance, this);
    }

    public SqlSession Session { get; }

    /// <summary>What linq2db calls; our own few commands are made by <see cref="SqliteConnection.CreateCommand"/>.</summary>
    protected override DbCommand CreateDbCommand() => new StatementCommand(_statements) { Connection = this };

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _statements.Dispose();
            Session.Dispose();
        }

        base.Dispose(disposing);
    }
}
