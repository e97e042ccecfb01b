using Meerkat.Server.Commands;
using Meerkat.Storage.Sql.Schema;
using Xunit;

namespace Meerkat.Server.Tests.Commands;

/// <summary>What <c>meerkat database status</c> says.</summary>
public sealed class DatabaseCommandsTests
{
    private static readonly SchemaStep s_first = new(1, "Accounts", IsKnown: true, IsApplied: true);
    private static readonly SchemaStep s_second = new(2, "Rosters", IsKnown: true, IsApplied: false);

    [Fact]
    public void A_current_database_has_a_version_and_nothing_to_do() =>
        Assert.Equal(["  version 1 (Accounts)", "  up to date"], DatabaseCommands.Describe(new DatabaseStatus([s_first], 1)));

    [Fact]
    public void What_a_migration_would_do_is_listed() =>
        Assert.Equal(["  version 1 (Accounts)", "  a migration would do:", "    2 Rosters"], DatabaseCommands.Describe(new DatabaseStatus([s_first, s_second], 1)));

    [Fact]
    public void A_database_that_is_not_there_yet_is_empty() =>
        Assert.Equal(["  empty", "  a migration would do:", "    2 Rosters"], DatabaseCommands.Describe(new DatabaseStatus([s_second], 0)));

    [Fact]
    public void A_database_of_a_newer_program_says_what_it_needs() =>
        Assert.Equal(
            ["  version 3 (Rooms)", "  too new: it needs a program that knows migration 3"],
            DatabaseCommands.Describe(new DatabaseStatus([s_first, new SchemaStep(3, "Rooms", IsKnown: false, IsApplied: true)], 3)));
}
