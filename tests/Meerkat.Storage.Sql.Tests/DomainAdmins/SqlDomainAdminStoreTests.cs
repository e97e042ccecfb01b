using Meerkat.Conformance.DomainAdmins;

namespace Meerkat.Storage.Sql.Tests.DomainAdmins;

[OnSqlite]
public sealed class SqliteDomainAdminStoreTests : DomainAdminStoreSuite;

[OnPostgres]
public sealed class PostgresDomainAdminStoreTests : DomainAdminStoreSuite;

[OnMariaDb]
public sealed class MariaDbDomainAdminStoreTests : DomainAdminStoreSuite;

[OnMySql]
public sealed class MySqlDomainAdminStoreTests : DomainAdminStoreSuite;
