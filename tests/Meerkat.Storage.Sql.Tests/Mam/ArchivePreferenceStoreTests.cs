using Meerkat.Conformance.Mam;

namespace Meerkat.Storage.Sql.Tests.Mam;

[OnSqlite]
public sealed class SqliteArchivePreferenceStoreTests : ArchivePreferenceStoreSuite;

[OnPostgres]
public sealed class PostgresArchivePreferenceStoreTests : ArchivePreferenceStoreSuite;

[OnMariaDb]
public sealed class MariaDbArchivePreferenceStoreTests : ArchivePreferenceStoreSuite;

[OnMySql]
public sealed class MySqlArchivePreferenceStoreTests : ArchivePreferenceStoreSuite;
