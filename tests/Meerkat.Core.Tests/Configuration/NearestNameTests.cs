using Meerkat.Core.Configuration;
using Xunit;

namespace Meerkat.Core.Tests.Configuration;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("port", "port", 0)]
    [InlineData("prot", "port", 1)] // a swap is one edit
    [InlineData("por", "port", 1)]
    [InlineData("", "port", 4)]
    [InlineData("kitten", "sitting", 3)]
    public void Edits_are_counted(string a, string b, int expected) => Assert.Equal(expected, NearestName.Edits(a, b));

    [Fact]
    public void A_name_that_nobody_could_mean_is_not_suggested() => Assert.Null(NearestName.Find("zebra", ["port", "access"]));

    [Fact]
    public void Upper_case_is_no_difference() => Assert.Equal("port", NearestName.Find("PORT", ["port"]));
}
