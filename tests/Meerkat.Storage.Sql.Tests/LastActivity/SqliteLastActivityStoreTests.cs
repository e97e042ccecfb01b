using Meerkat.Conformance.LastActivity;
using Meerkat.Modules.LastActivity;
using Meerkat.Storage.Sql.LastActivity;

namespace Meerkat.Storage.Sql.Tests.LastActivity;

public sealed class SqliteLastActivityStoreTests : LastActivityStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<ILastActivityStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlLastActivityStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
