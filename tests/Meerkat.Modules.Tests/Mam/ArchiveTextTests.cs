using CsCheck;
using Meerkat.Modules.Mam;
using Xunit;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>Text as the search compares it (MAM-041).</summary>
public sealed class ArchiveTextTests
{
    [Theory]
    [InlineData("The quick, BROWN fox!", "the quick brown fox")]
    [InlineData("  a+b = C;  (d)\n", "ab c d")]
    [InlineData("?!", null)]
    [InlineData("", null)]
    [InlineData("Straße über", "straße über")]
    public void Words_have_one_space_between(string text, string? expected) => Assert.Equal(expected, ArchiveText.Normalise(text));

    [Fact] // texts in ASCII take a shorter way to the same
    public void What_is_in_ASCII_is_no_different() => Gen.String[Gen.Char[(char)0, (char)127], 0, 600].Sample(text =>
    {
        var among = ArchiveText.Normalise(text + " é");
        Assert.Equal(among, ArchiveText.Normalise(text) is { } alone ? $"{alone} é" : "é");
    });
}
