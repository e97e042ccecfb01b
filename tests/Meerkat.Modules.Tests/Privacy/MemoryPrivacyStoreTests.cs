using Meerkat.Conformance.Privacy;
using Meerkat.Modules.Privacy;

namespace Meerkat.Modules.Tests.Privacy;

public sealed class MemoryPrivacyStoreTests : PrivacyStoreSuite
{
    protected override ValueTask<IPrivacyStore> OpenAsync() => new(new MemoryPrivacyStore());
}
