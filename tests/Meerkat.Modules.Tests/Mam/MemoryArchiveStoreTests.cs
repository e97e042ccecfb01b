using Meerkat.Conformance.Mam;
using Meerkat.Modules.Mam;

namespace Meerkat.Modules.Tests.Mam;

public sealed class MemoryAccountArchiveStoreTests : AccountArchiveStoreSuite
{
    protected override ValueTask<IAccountArchiveStore> OpenAsync() => new(new MemoryAccountArchiveStore());
}

public sealed class MemoryRoomArchiveStoreTests : RoomArchiveStoreSuite
{
    protected override ValueTask<IRoomArchiveStore> OpenAsync() => new(new MemoryRoomArchiveStore());
}

public sealed class MemoryArchivePreferenceStoreTests : ArchivePreferenceStoreSuite
{
    protected override ValueTask<IArchivePreferenceStore> OpenAsync() => new(new MemoryArchivePreferenceStore());
}
