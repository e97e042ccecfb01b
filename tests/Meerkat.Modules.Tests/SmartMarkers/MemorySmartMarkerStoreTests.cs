using Meerkat.Conformance.SmartMarkers;
using Meerkat.Modules.SmartMarkers;

namespace Meerkat.Modules.Tests.SmartMarkers;

public sealed class MemorySmartMarkerStoreTests : SmartMarkerStoreSuite
{
    protected override ValueTask<ISmartMarkerStore> OpenAsync() => new(new MemorySmartMarkerStore());
}
