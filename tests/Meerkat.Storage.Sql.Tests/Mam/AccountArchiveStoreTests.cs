using Meerkat.Conformance.Mam;

namespace Meerkat.Storage.Sql.Tests.Mam;

[OnSqlite]
public sealed class SqliteAccountArchiveStoreTests : AccountArchiveStoreSuite;

[OnPostgres]
public sealed class PostgresAccountArchiveStoreTests : AccountArchiveStoreSuite;

[OnMariaDb]
public sealed class MariaDbAccountArchiveStoreTests : AccountArchiveStoreSuite;

[OnMySql]
public sealed class MySqlAccountArchiveStoreTests : AccountArchiveStoreSuite;
