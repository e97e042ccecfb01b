using System.Data.Common;
using LinqToDB.DataProvider;
using LinqToDB.DataProvider.SQLite;
using Meerkat.Storage.Sql.Mam.TextSearch;
using Microsoft.Data.Sqlite;

namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>SQLite 3, as Microsoft.Data.Sqlite carries it.</summary>
internal sealed class SqliteDialect : SqlDialect
{
    public static readonly SqliteDialect Instance = new();

    public override string Name => "sqlite";

    internal override string AddOwner => "INSERT INTO owner (domain, localpart) VALUES (@domain, @localpart)"; // there is one writer

    internal override TextIndex TextIndex => SqliteTextIndex.Instance;

    private static IDataProvider Provider { get; } = SQLiteTools.GetDataProvider(SQLiteProvider.Microsoft);

    // SQLite compares text by memcmp unless told otherwise, and has no lengths.
    public override string KeyText(int maxBytes) => "TEXT";

    public override bool IsDuplicate(DbException error) =>
        error is SqliteException { SqliteExtendedErrorCode: SQLitePCL.raw.SQLITE_CONSTRAINT_PRIMARYKEY or SQLitePCL.raw.SQLITE_CONSTRAINT_UNIQUE or SQLitePCL.raw.SQLITE_CONSTRAINT_ROWID };

    internal override IDataProvider ProviderFor(DbConnection connection) => Provider;
}
