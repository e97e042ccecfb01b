using System.Data.Common;
using LinqToDB.Data;
using LinqToDB.DataProvider;
using LinqToDB.Interceptors;
using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Mam.TextSearch;

namespace Meerkat.Storage.Sql;

/// <summary>What differs between databases and linq2db and FluentMigrator do not know: everything else is written once.</summary>
public abstract class SqlDialect
{
    private protected SqlDialect()
    {
    }

    /// <summary>The value of <c>driver</c> in the configuration: <c>sqlite</c>, <c>pgsql</c>, <c>mysql</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The column type for text that is part of a key or an index: compared and ordered by its UTF-8 bytes, never by a locale's rules.</summary>
    /// <param name="maxBytes">The longest text, in bytes of UTF-8.</param>
    public abstract string KeyText(int maxBytes);

    /// <summary>Whether an operation failed because a row with that key is there already.</summary>
    public abstract bool IsDuplicate(DbException error);

    /// <summary>Makes an <c>INSERT</c> of a row with an owner pass over one whose key is there already, where it would fail. All other mistakes are errors still. How many rows it counts is not the
    /// same everywhere.</summary>
    internal virtual string InsertOnce(string insert) => insert + " ON CONFLICT DO NOTHING";

    /// <summary>Adds rows with an owner, and passes over those whose key is there already.</summary>
    /// <param name="session">Where, in a write.</param>
    /// <param name="table">The table, which need not be that of the row's own mapping.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="ct">Cancels what has not begun.</param>
    internal virtual async Task AddManyOnceAsync<TRow>(SqlSession session, string table, IReadOnlyList<TRow> rows, CancellationToken ct)
        where TRow : class
    {
        var insert = InsertOnce(RowText<TRow>.InsertInto(table));
        foreach (var row in rows)
        {
            await session.ExecuteAsync(insert, ct, RowText<TRow>.Values(row));
        }
    }

    /// <summary>The index over the texts of archives that an operator may have.</summary>
    internal abstract TextIndex TextIndex { get; }

    /// <summary>Adds an owner with <c>@domain</c> and <c>@localpart</c>, unless it is there: waits for others who are adding it, and is no error in a transaction.</summary>
    internal abstract string AddOwner { get; }

    /// <summary>What stands behind a SELECT so that the row is this transaction's until it ends. Empty where there is one writer.</summary>
    internal virtual string LockRow => "";

    /// <summary>Whether a migration that fails half-way leaves nothing behind. Where it does, what it has done already is skipped when it is run again.</summary>
    internal virtual bool HasTransactionalSchema => true;

    /// <summary>How values are read that linq2db would not read by itself; null for nothing special.</summary>
    internal virtual MappingSchema? Mapping => null;

    /// <summary>What watches the commands of one connection; null for nobody.</summary>
    internal virtual IInterceptor? CreateInterceptor() => null;

    /// <summary>linq2db's dialect for a connection, which is open where that matters.</summary>
    internal abstract IDataProvider ProviderFor(DbConnection connection);
}
