using Meerkat.Conformance.PrivateStorage;
using Meerkat.Modules.PrivateStorage;

namespace Meerkat.Modules.Tests.PrivateStorage;

public sealed class MemoryPrivateStoreTests : PrivateStoreSuite
{
    protected override ValueTask<IPrivateStore> OpenAsync() => new(new MemoryPrivateStore());
}
