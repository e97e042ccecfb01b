using Meerkat.Conformance.Muc;

namespace Meerkat.Storage.Sql.Tests.Muc;

[OnSqlite]
public sealed class SqliteRoomStoreTests : RoomStoreSuite;

[OnPostgres]
public sealed class PostgresRoomStoreTests : RoomStoreSuite;

[OnMariaDb]
public sealed class MariaDbRoomStoreTests : RoomStoreSuite;

[OnMySql]
public sealed class MySqlRoomStoreTests : RoomStoreSuite;
