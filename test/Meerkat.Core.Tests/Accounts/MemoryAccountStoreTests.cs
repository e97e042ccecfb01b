using Meerkat.Conformance.Accounts;
using Meerkat.Core.Accounts;

namespace Meerkat.Core.Tests.Accounts;

public sealed class MemoryAccountStoreTests : AccountStoreSuite
{
    protected override ValueTask<IAccountStore> OpenAsync() => new(new MemoryAccountStore());
}
