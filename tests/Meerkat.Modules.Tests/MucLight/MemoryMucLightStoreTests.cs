using Meerkat.Conformance.MucLight;
using Meerkat.Modules.MucLight;

namespace Meerkat.Modules.Tests.MucLight;

public sealed class MemoryMucLightStoreTests : MucLightStoreSuite
{
    protected override ValueTask<IMucLightStore> OpenAsync() => new(new MemoryMucLightStore());
}
