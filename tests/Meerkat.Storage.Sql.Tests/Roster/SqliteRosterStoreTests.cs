using Meerkat.Conformance.Roster;
using Meerkat.Modules.Roster;
using Meerkat.Storage.Sql.Roster;

namespace Meerkat.Storage.Sql.Tests.Roster;

public sealed class SqliteRosterStoreTests : RosterStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<IRosterStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlRosterStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
