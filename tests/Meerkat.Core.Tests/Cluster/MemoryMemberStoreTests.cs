using Meerkat.Conformance.Members;
using Meerkat.Core.Cluster;

namespace Meerkat.Core.Tests.Cluster;

public sealed class MemoryMemberStoreTests : MemberStoreSuite
{
    protected override ValueTask<IMemberStore> OpenAsync() => new(new MemoryMemberStore());
}
