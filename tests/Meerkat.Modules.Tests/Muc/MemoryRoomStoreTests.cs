using Meerkat.Conformance.Muc;
using Meerkat.Modules.Muc;

namespace Meerkat.Modules.Tests.Muc;

public sealed class MemoryRoomStoreTests : RoomStoreSuite
{
    protected override ValueTask<IRoomStore> OpenAsync() => new(new MemoryRoomStore());
}
