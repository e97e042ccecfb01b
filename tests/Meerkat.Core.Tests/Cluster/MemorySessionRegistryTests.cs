using Meerkat.Conformance.Cluster;
using Meerkat.Core.Cluster;

namespace Meerkat.Core.Tests.Cluster;

public sealed class MemorySessionRegistryTests : SessionRegistrySuite
{
    protected override ValueTask<ISessionRegistry> OpenAsync() => new(new MemorySessionRegistry(TimeProvider.System));
}
