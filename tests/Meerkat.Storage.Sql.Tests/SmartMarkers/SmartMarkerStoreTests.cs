using Meerkat.Conformance.SmartMarkers;

namespace Meerkat.Storage.Sql.Tests.SmartMarkers;

[OnSqlite]
public sealed class SqliteSmartMarkerStoreTests : SmartMarkerStoreSuite;

[OnPostgres]
public sealed class PostgresSmartMarkerStoreTests : SmartMarkerStoreSuite;

[OnMariaDb]
public sealed class MariaDbSmartMarkerStoreTests : SmartMarkerStoreSuite;

[OnMySql]
public sealed class MySqlSmartMarkerStoreTests : SmartMarkerStoreSuite;
