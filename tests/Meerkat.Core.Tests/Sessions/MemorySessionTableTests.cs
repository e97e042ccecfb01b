using Meerkat.Conformance.Sessions;
using Meerkat.Core.Sessions;

namespace Meerkat.Core.Tests.Sessions;

public sealed class MemorySessionTableTests : SessionTableSuite
{
    protected override ValueTask<ISessionTable> OpenAsync() => new(new MemorySessionTable());
}
