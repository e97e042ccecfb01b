using Meerkat.Conformance.Mam;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Sql.Mam;

namespace Meerkat.Storage.Sql.Tests.Mam;

public sealed class SqliteArchivePreferenceStoreTests : ArchivePreferenceStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<IArchivePreferenceStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlArchivePreferenceStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
