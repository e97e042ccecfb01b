using System.Data.Common;
using FluentMigrator.Runner;
using LinqToDB.DataProvider;

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

    internal abstract IDataProvider Provider { get; }

    internal abstract void AddMigrations(IMigrationRunnerBuilder runner);
}
