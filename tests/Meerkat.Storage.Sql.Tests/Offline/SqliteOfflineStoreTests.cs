using Meerkat.Conformance.Offline;
using Meerkat.Modules.Offline;
using Meerkat.Storage.Sql.Offline;

namespace Meerkat.Storage.Sql.Tests.Offline;

public sealed class SqliteOfflineStoreTests : OfflineStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<IOfflineStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlOfflineStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
