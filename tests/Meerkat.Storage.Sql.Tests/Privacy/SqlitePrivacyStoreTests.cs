using Meerkat.Conformance.Privacy;
using Meerkat.Modules.Privacy;
using Meerkat.Storage.Sql.Privacy;

namespace Meerkat.Storage.Sql.Tests.Privacy;

public sealed class SqlitePrivacyStoreTests : PrivacyStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<IPrivacyStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlPrivacyStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
