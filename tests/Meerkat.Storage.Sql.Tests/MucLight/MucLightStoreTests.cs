using Meerkat.Conformance.MucLight;

namespace Meerkat.Storage.Sql.Tests.MucLight;

[OnSqlite]
public sealed class SqliteMucLightStoreTests : MucLightStoreSuite;

[OnPostgres]
public sealed class PostgresMucLightStoreTests : MucLightStoreSuite;

[OnMariaDb]
public sealed class MariaDbMucLightStoreTests : MucLightStoreSuite;

[OnMySql]
public sealed class MySqlMucLightStoreTests : MucLightStoreSuite;
