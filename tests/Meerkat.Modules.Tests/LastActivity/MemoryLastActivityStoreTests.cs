using Meerkat.Conformance.LastActivity;
using Meerkat.Modules.LastActivity;

namespace Meerkat.Modules.Tests.LastActivity;

public sealed class MemoryLastActivityStoreTests : LastActivityStoreSuite
{
    protected override ValueTask<ILastActivityStore> OpenAsync() => new(new MemoryLastActivityStore());
}
