using Meerkat.Conformance.Roster;

namespace Meerkat.Storage.Sql.Tests.Roster;

[OnSqlite]
public sealed class SqliteRosterStoreTests : RosterStoreSuite;

[OnPostgres]
public sealed class PostgresRosterStoreTests : RosterStoreSuite;

[OnMariaDb]
public sealed class MariaDbRosterStoreTests : RosterStoreSuite;

[OnMySql]
public sealed class MySqlRosterStoreTests : RosterStoreSuite;
