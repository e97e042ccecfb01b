using System.Text;
using Xunit;

namespace Meerkat.Xmpp.Tests.Stringprep;

/// <summary>Examples from the RFCs, and what the oracles are not asked.</summary>
public sealed class StringprepTests
{
    [Theory]
    [InlineData("I\u00ADX", "IX")] // RFC 4013 §3
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("\u00AA", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("a\u00A0b", "a b")]
    public void SASLprep_follows_the_examples_of_its_RFC(string text, string expected)
    {
        Assert.True(Xmpp.Stringprep.TrySaslprep(text, out var prepared));
        Assert.Equal(expected, prepared);
    }

    [Theory]
    [InlineData("\u0007")]
    [InlineData("\u0627\u0031")]
    public void SASLprep_refuses_what_its_RFC_refuses(string text) => Assert.False(Xmpp.Stringprep.TrySaslprep(text, out _));

    [Fact]
    public void Prepared_text_is_given_back_as_the_same_instance()
    {
        foreach (var text in new[] { "alice", "b\u00FCcher" })
        {
            Assert.True(Xmpp.Stringprep.TryNodeprep(text, out var prepared));
            Assert.Same(text, prepared);
        }
    }

    [Fact]
    public void Unpaired_surrogates_are_refused()
    {
        // RFC 3454 table C.5
        foreach (var text in new[] { "\uD800", "a\uDC00", "\uD800a", "\uDC00\uD800" })
        {
            Assert.False(Xmpp.Stringprep.TryNodeprep(text, out _));
            Assert.False(Xmpp.Stringprep.TryNameprep(text, out _));
            Assert.False(Xmpp.Stringprep.TryResourceprep(text, out _));
            Assert.False(Xmpp.Stringprep.TrySaslprep(text, out _));
        }
    }

    [Fact]
    public void Unassigned_code_points_pass_only_when_allowed()
    {
        // RFC 3454 §7; the emoji came with Unicode 6
        Assert.True(Xmpp.Stringprep.TryResourceprep("\U0001F600", out var prepared));
        Assert.Equal("\U0001F600", prepared);
        Assert.False(Xmpp.Stringprep.TryResourceprep("\U0001F600", out _, allowUnassigned: false));
    }

    [Fact]
    public void Combining_characters_compose_only_when_nothing_blocks_them()
    {
        // UAX #15 D2 as corrected by corrigendum 5: U+0300 stands between and has the class of U+0301
        Assert.True(Xmpp.Stringprep.TryResourceprep("a\u0331\u0301", out var composed));
        Assert.Equal("\u00E1\u0331", composed);
        Assert.True(Xmpp.Stringprep.TryResourceprep("q\u0300\u0301", out var blocked));
        Assert.Equal("q\u0300\u0301", blocked);
        Assert.True(Xmpp.Stringprep.TryResourceprep("\u1100\u0300\u1161", out var hangul));
        Assert.Equal("\u1100\u0300\u1161", hangul);
    }

    [Fact]
    public void The_corrigenda_after_Unicode_3_2_do_not_count()
    {
        // RFC 3454 §4 binds normalisation to Unicode 3.2: U+2F868 became U+36FC with corrigendum 4
        Assert.True(Xmpp.Stringprep.TryResourceprep("\U0002F868", out var prepared));
        Assert.Equal("\U0002136A", prepared);
    }

    [Fact]
    public void A_long_run_of_combining_characters_is_ordered_in_bounded_time()
    {
        var marks = new StringBuilder("a");
        for (var i = 0; i < 200_000; i++)
        {
            marks.Append(i % 2 == 0 ? '\u0315' : '\u0328');
        }

        Assert.True(Xmpp.Stringprep.TryResourceprep(marks.ToString(), out var prepared));
        Assert.Equal(200_000, prepared.Length); // one composed
    }
}
