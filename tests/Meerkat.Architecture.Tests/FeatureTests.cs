using Xunit;

namespace Meerkat.Architecture.Tests;

public sealed class FeatureTests
{
    // Each with its reason.
    private static readonly string[] s_allowed =
    [
        "Meerkat.Modules.Blocking.BlockingModule uses Meerkat.Modules.Privacy.PrivacyOptions", // the specification gives both the same options (BLK)
    ];

    [Fact]
    public void No_module_uses_another_modules_class() =>
        Assert.Equal("", string.Join('\n', Features.Violations(Code.Ours.Single(assembly => assembly.Name.Name == "Meerkat.Modules"), "Meerkat.Modules").Distinct().Except(s_allowed).Order()));

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
