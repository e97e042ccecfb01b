using Xunit;

namespace Meerkat.Architecture.Tests;

public sealed class FeatureTests
{
    // What of another feature may be used though it is no contract; each with its reason.
    private static readonly string[] s_allowed =
    [
        "Meerkat.Modules.Privacy.PrivacyOptions", // the specification gives mod_blocking the options of mod_privacy (BLK)
    ];

    [Fact]
    public void No_module_uses_another_modules_class()
    {
        var found = Features.Violations(Code.Ours.Single(assembly => assembly.Name.Name == "Meerkat.Modules"), "Meerkat.Modules")
            .Distinct().Where(line => !IsLogOfRooms(line)).Where(line => !Array.Exists(s_allowed, allowed => line.EndsWith($" uses {allowed}", StringComparison.Ordinal))).Order().ToArray();
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    // A room log reads what rooms tell it of themselves: events with the room's state. The rooms' module itself it must not use.
    private static bool IsLogOfRooms(string line) =>
        line.StartsWith("Meerkat.Modules.MucLog.", StringComparison.Ordinal) && line.Contains(" uses Meerkat.Modules.Muc.", StringComparison.Ordinal) && !line.EndsWith("Module", StringComparison.Ordinal);

    [Fact] // the rule can fail: in each of the ways in which a class is used
    public void A_use_of_another_modules_class_is_found()
    {
        var found = Features.Violations(Code.Planted, "Meerkat.Architecture.Tests.Plants.Features").Order().ToArray();
        Assert.Equal(
            [
                "Meerkat.Architecture.Tests.Plants.Features.Inner.ByField uses Meerkat.Architecture.Tests.Plants.Features.Outer.OuterModule",
                "Meerkat.Architecture.Tests.Plants.Features.Inner.ByLambda uses Meerkat.Architecture.Tests.Plants.Features.Outer.Helpful",
                "Meerkat.Architecture.Tests.Plants.Features.Inner.ByOptions uses Meerkat.Architecture.Tests.Plants.Features.Outer.OuterOptions",
            ],
            found.Distinct());
    }
}
