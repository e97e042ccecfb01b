using Meerkat.Conformance.Muc;
using Meerkat.Modules.Muc;
using Meerkat.Storage.Sql.Muc;

namespace Meerkat.Storage.Sql.Tests.Muc;

public sealed class SqliteRoomStoreTests : RoomStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<IRoomStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlRoomStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
