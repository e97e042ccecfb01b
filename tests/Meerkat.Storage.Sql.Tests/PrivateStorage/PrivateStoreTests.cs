using Meerkat.Conformance.PrivateStorage;

namespace Meerkat.Storage.Sql.Tests.PrivateStorage;

[OnSqlite]
public sealed class SqlitePrivateStoreTests : PrivateStoreSuite;

[OnPostgres]
public sealed class PostgresPrivateStoreTests : PrivateStoreSuite;

[OnMariaDb]
public sealed class MariaDbPrivateStoreTests : PrivateStoreSuite;

[OnMySql]
public sealed class MySqlPrivateStoreTests : PrivateStoreSuite;
