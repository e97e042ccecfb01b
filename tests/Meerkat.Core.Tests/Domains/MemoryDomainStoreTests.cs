using Meerkat.Conformance.Domains;
using Meerkat.Core.Domains;

namespace Meerkat.Core.Tests.Domains;

public sealed class MemoryDomainStoreTests : DomainStoreSuite
{
    protected override ValueTask<IDomainStore> OpenAsync() => new(new MemoryDomainStore(TimeProvider.System));
}
