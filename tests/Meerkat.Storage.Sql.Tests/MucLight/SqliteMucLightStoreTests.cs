using Meerkat.Conformance.MucLight;
using Meerkat.Modules.MucLight;
using Meerkat.Storage.Sql.MucLight;

namespace Meerkat.Storage.Sql.Tests.MucLight;

public sealed class SqliteMucLightStoreTests : MucLightStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<IMucLightStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlMucLightStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
