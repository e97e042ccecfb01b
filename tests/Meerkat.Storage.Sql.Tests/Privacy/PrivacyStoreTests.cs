using Meerkat.Conformance.Privacy;

namespace Meerkat.Storage.Sql.Tests.Privacy;

[OnSqlite]
public sealed class SqlitePrivacyStoreTests : PrivacyStoreSuite;

[OnPostgres]
public sealed class PostgresPrivacyStoreTests : PrivacyStoreSuite;

[OnMariaDb]
public sealed class MariaDbPrivacyStoreTests : PrivacyStoreSuite;

[OnMySql]
public sealed class MySqlPrivacyStoreTests : PrivacyStoreSuite;
