using Meerkat.Conformance.OfflineChatMarkers;
using Meerkat.Modules.OfflineChatMarkers;
using Meerkat.Storage.Sql.OfflineChatMarkers;

namespace Meerkat.Storage.Sql.Tests.OfflineChatMarkers;

public sealed class SqliteOfflineMarkerStoreTests : OfflineMarkerStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<IOfflineMarkerStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlOfflineMarkerStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
