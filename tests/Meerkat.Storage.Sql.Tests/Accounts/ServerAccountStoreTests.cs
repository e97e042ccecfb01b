using Meerkat.Conformance.Accounts;

namespace Meerkat.Storage.Sql.Tests.Accounts;

[OnPostgres]
public sealed class PostgresAccountStoreTests : AccountStoreSuite;

[OnMariaDb]
public sealed class MariaDbAccountStoreTests : AccountStoreSuite;

[OnMySql]
public sealed class MySqlAccountStoreTests : AccountStoreSuite;
