using Meerkat.Conformance.Offline;

namespace Meerkat.Storage.Sql.Tests.Offline;

[OnSqlite]
public sealed class SqliteOfflineStoreTests : OfflineStoreSuite;

[OnPostgres]
public sealed class PostgresOfflineStoreTests : OfflineStoreSuite;

[OnMariaDb]
public sealed class MariaDbOfflineStoreTests : OfflineStoreSuite;

[OnMySql]
public sealed class MySqlOfflineStoreTests : OfflineStoreSuite;
