using Meerkat.Conformance.OfflineChatMarkers;

namespace Meerkat.Storage.Sql.Tests.OfflineChatMarkers;

[OnSqlite]
public sealed class SqliteOfflineMarkerStoreTests : OfflineMarkerStoreSuite;

[OnPostgres]
public sealed class PostgresOfflineMarkerStoreTests : OfflineMarkerStoreSuite;

[OnMariaDb]
public sealed class MariaDbOfflineMarkerStoreTests : OfflineMarkerStoreSuite;

[OnMySql]
public sealed class MySqlOfflineMarkerStoreTests : OfflineMarkerStoreSuite;
