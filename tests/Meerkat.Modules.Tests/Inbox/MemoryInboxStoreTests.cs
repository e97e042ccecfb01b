using Meerkat.Conformance.Inbox;
using Meerkat.Modules.Inbox;

namespace Meerkat.Modules.Tests.Inbox;

public sealed class MemoryInboxStoreTests : InboxStoreSuite
{
    protected override ValueTask<IInboxStore> OpenAsync() => new(new MemoryInboxStore());
}
