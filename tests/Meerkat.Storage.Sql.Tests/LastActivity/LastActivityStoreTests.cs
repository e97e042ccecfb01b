using Meerkat.Conformance.LastActivity;

namespace Meerkat.Storage.Sql.Tests.LastActivity;

[OnSqlite]
public sealed class SqliteLastActivityStoreTests : LastActivityStoreSuite;

[OnPostgres]
public sealed class PostgresLastActivityStoreTests : LastActivityStoreSuite;

[OnMariaDb]
public sealed class MariaDbLastActivityStoreTests : LastActivityStoreSuite;

[OnMySql]
public sealed class MySqlLastActivityStoreTests : LastActivityStoreSuite;
