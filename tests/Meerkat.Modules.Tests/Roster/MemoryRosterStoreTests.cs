using Meerkat.Conformance.Roster;
using Meerkat.Modules.Roster;

namespace Meerkat.Modules.Tests.Roster;

public sealed class MemoryRosterStoreTests : RosterStoreSuite
{
    protected override ValueTask<IRosterStore> OpenAsync() => new(new MemoryRosterStore());
}
