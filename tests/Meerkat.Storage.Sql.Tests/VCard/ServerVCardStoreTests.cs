using Meerkat.Conformance.VCard;

namespace Meerkat.Storage.Sql.Tests.VCard;

[OnPostgres]
public sealed class PostgresVCardStoreTests : VCardStoreSuite;

[OnMariaDb]
public sealed class MariaDbVCardStoreTests : VCardStoreSuite;

[OnMySql]
public sealed class MySqlVCardStoreTests : VCardStoreSuite;
