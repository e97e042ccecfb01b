using Meerkat.Conformance.Mam;

namespace Meerkat.Storage.Sql.Tests.Mam.TextSearch;

// Archives with an index over their texts are archives: it changes nothing of what they do.
[OnSqlite(TextIndex = true)]
public sealed class IndexedSqliteAccountArchiveStoreTests : AccountArchiveStoreSuite;

[OnPostgres(TextIndex = true)]
public sealed class IndexedPostgresAccountArchiveStoreTests : AccountArchiveStoreSuite;

[OnMySql(TextIndex = true)]
public sealed class IndexedMySqlAccountArchiveStoreTests : AccountArchiveStoreSuite;

[OnSqlite(TextIndex = true)]
public sealed class IndexedSqliteRoomArchiveStoreTests : RoomArchiveStoreSuite;

[OnPostgres(TextIndex = true)]
public sealed class IndexedPostgresRoomArchiveStoreTests : RoomArchiveStoreSuite;

[OnMySql(TextIndex = true)]
public sealed class IndexedMySqlRoomArchiveStoreTests : RoomArchiveStoreSuite;
