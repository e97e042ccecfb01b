using Meerkat.Conformance.Inbox;

namespace Meerkat.Storage.Sql.Tests.Inbox;

[OnSqlite]
public sealed class SqliteInboxStoreTests : InboxStoreSuite;

[OnPostgres]
public sealed class PostgresInboxStoreTests : InboxStoreSuite;

[OnMariaDb]
public sealed class MariaDbInboxStoreTests : InboxStoreSuite;

[OnMySql]
public sealed class MySqlInboxStoreTests : InboxStoreSuite;
