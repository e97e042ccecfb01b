using Meerkat.Conformance.Mam;

namespace Meerkat.Storage.Sql.Tests.Mam;

[OnSqlite]
public sealed class SqliteRoomArchiveStoreTests : RoomArchiveStoreSuite;

[OnPostgres]
public sealed class PostgresRoomArchiveStoreTests : RoomArchiveStoreSuite;

[OnMariaDb]
public sealed class MariaDbRoomArchiveStoreTests : RoomArchiveStoreSuite;

[OnMySql]
public sealed class MySqlRoomArchiveStoreTests : RoomArchiveStoreSuite;
