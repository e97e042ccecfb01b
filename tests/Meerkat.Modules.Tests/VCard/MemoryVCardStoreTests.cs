using Meerkat.Conformance.VCard;
using Meerkat.Modules.VCard;

namespace Meerkat.Modules.Tests.VCard;

public sealed class MemoryVCardStoreTests : VCardStoreSuite
{
    protected override ValueTask<IVCardStore> OpenAsync() => new(new MemoryVCardStore());
}
