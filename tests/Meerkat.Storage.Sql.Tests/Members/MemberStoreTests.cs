using Meerkat.Conformance.Members;

namespace Meerkat.Storage.Sql.Tests.Members;

[OnSqlite]
public sealed class SqliteMemberStoreTests : MemberStoreSuite;

[OnPostgres]
public sealed class PostgresMemberStoreTests : MemberStoreSuite;

[OnMariaDb]
public sealed class MariaDbMemberStoreTests : MemberStoreSuite;

[OnMySql]
public sealed class MySqlMemberStoreTests : MemberStoreSuite;
