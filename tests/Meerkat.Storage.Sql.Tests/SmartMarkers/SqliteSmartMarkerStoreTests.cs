using Meerkat.Conformance.SmartMarkers;
using Meerkat.Modules.SmartMarkers;
using Meerkat.Storage.Sql.SmartMarkers;

namespace Meerkat.Storage.Sql.Tests.SmartMarkers;

public sealed class SqliteSmartMarkerStoreTests : SmartMarkerStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<ISmartMarkerStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlSmartMarkerStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
