using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>A command as linq2db sees it; when it is run, a prepared statement of its text does the work.</summary>
internal sealed class StatementCommand(SqliteStatements statements) : DbCommand
{
    private readonly Bindings _parameters = new();
    private SqliteCommand? _reading;

    [AllowNull]
    public override string CommandText { get; set; } = "";

    /// <summary>Ignored: the connection's busy time-out is the only waiting that SQLite knows.</summary>
    public override int CommandTimeout { get; set; }

    public override CommandType CommandType { get; set; } = CommandType.Text;

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection { get; set; }

    protected override DbParameterCollection DbParameterCollection => _parameters;

    protected override DbTransaction? DbTransaction { get; set; }

    public override void Cancel()
    {
    }

    public override void Prepare()
    {
    }

    public override int ExecuteNonQuery()
    {
        var statement = Bind();
        try
        {
            return statement.ExecuteNonQuery();
        }
        finally
        {
            statements.GiveBack(statement);
        }
    }

    public override object? ExecuteScalar()
    {
        var statement = Bind();
        try
        {
            return statement.ExecuteScalar();
        }
        finally
        {
            statements.GiveBack(statement);
        }
    }

    protected override DbParameter CreateDbParameter() => new SqliteParameter();

    /// <summary>The statement stays with this command until the next execution or the command's end: linq2db closes the reader before that.</summary>
    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
    {
        _reading = Bind();
        return _reading.ExecuteReader(behavior);
    }

    protected override void Dispose(bool disposing)
    {
        Return();
        base.Dispose(disposing);
    }

    private SqliteCommand Bind()
    {
        Return();
        var statement = statements.Take(CommandText);
        foreach (SqliteParameter parameter in _parameters)
        {
            statement.Parameters.Add(parameter);
        }

        return statement;
    }

    private void Return()
    {
        if (_reading is not null)
        {
            statements.GiveBack(_reading);
            _reading = null;
        }
    }

    private sealed class Bindings : SqliteParameterCollection;
}
