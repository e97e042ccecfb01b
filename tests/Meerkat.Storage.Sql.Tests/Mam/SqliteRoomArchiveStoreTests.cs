using Meerkat.Conformance.Mam;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Sql.Mam;

namespace Meerkat.Storage.Sql.Tests.Mam;

public sealed class SqliteRoomArchiveStoreTests : RoomArchiveStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<IRoomArchiveStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlRoomArchiveStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
