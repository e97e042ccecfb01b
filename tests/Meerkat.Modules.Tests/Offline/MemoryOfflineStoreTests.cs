using Meerkat.Conformance.Offline;
using Meerkat.Modules.Offline;

namespace Meerkat.Modules.Tests.Offline;

public sealed class MemoryOfflineStoreTests : OfflineStoreSuite
{
    protected override ValueTask<IOfflineStore> OpenAsync() => new(new MemoryOfflineStore());
}
