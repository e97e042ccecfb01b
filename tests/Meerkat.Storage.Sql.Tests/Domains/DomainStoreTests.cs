using Meerkat.Conformance.Domains;

namespace Meerkat.Storage.Sql.Tests.Domains;

[OnSqlite]
public sealed class SqliteDomainStoreTests : DomainStoreSuite;

[OnPostgres]
public sealed class PostgresDomainStoreTests : DomainStoreSuite;

[OnMariaDb]
public sealed class MariaDbDomainStoreTests : DomainStoreSuite;

[OnMySql]
public sealed class MySqlDomainStoreTests : DomainStoreSuite;
