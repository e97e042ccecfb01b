using Meerkat.Conformance.Inbox;
using Meerkat.Modules.Inbox;
using Meerkat.Storage.Sql.Inbox;

namespace Meerkat.Storage.Sql.Tests.Inbox;

public sealed class SqliteInboxStoreTests : InboxStoreSuite
{
    private TestDatabase _test = null!;

    protected override async ValueTask<IInboxStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlInboxStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
