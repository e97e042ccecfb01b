using Meerkat.Conformance.PrivateStorage;
using Meerkat.Modules.PrivateStorage;
using Meerkat.Storage.Sql.PrivateStorage;

namespace Meerkat.Storage.Sql.Tests.PrivateStorage;

public sealed class SqlitePrivateStoreTests : PrivateStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<IPrivateStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlPrivateStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
