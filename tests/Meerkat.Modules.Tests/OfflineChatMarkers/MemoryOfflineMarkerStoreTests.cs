using Meerkat.Conformance.OfflineChatMarkers;
using Meerkat.Modules.OfflineChatMarkers;

namespace Meerkat.Modules.Tests.OfflineChatMarkers;

public sealed class MemoryOfflineMarkerStoreTests : OfflineMarkerStoreSuite
{
    protected override ValueTask<IOfflineMarkerStore> OpenAsync() => new(new MemoryOfflineMarkerStore());
}
