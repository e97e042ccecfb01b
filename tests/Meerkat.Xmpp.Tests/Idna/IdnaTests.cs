using System.Text;
using Meerkat.Xmpp.Tests.Oracles;
using Xunit;

namespace Meerkat.Xmpp.Tests.Idna;

/// <summary>RFC 3490 and 3492; CORE-004.</summary>
public sealed class IdnaTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("Example.COM.", "example.com")]
    [InlineData("b\u00FCcher.example", "xn--bcher-kva.example")]
    [InlineData("B\u00DCCHER\u3002example", "xn--bcher-kva.example")]
    [InlineData("stra\u00DFe.de", "strasse.de")] // IDNA 2003 folds it
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("_xmpp-server._tcp.example", "_xmpp-server._tcp.example")]
    // RFC 3492 §7.1 (A), (B), (L), (R): the samples in lower case
    [InlineData("\u0644\u064A\u0647\u0645\u0627\u0628\u062A\u0643\u0644\u0645\u0648\u0634\u0639\u0631\u0628\u064A\u061F", "xn--egbpdaj6bu4bxfgehfvwxn")]
    [InlineData("\u4ED6\u4EEC\u4E3A\u4EC0\u4E48\u4E0D\u8BF4\u4E2D\u6587", "xn--ihqwcrb4cv8a8dqg056pqjye")]
    [InlineData("3\u5E74b\u7D44\u91D1\u516B\u5148\u751F", "xn--3b-ww4c5e180e575a65lsy2b")]
    [InlineData("\u30D1\u30D5\u30A3\u30FCde\u30EB\u30F3\u30D0", "xn--de-jg4avhby1noc0d")]
    public void A_name_has_an_ASCII_form(string name, string ascii)
    {
        Assert.True(Xmpp.Idna.TryToAscii(name, out var actual));
        Assert.Equal(ascii, actual);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("-a.example")]
    [InlineData("a-.example")]
    [InlineData("a b.example")]
    [InlineData("[::1]")]
    [InlineData("xn--\u00FC.example")]
    [InlineData("\u05D0a.example")]
    public void What_has_no_ASCII_form_is_refused(string name) => Assert.False(Xmpp.Idna.TryToAscii(name, out _));

    [Fact]
    public void Labels_have_at_most_63_octets_and_names_253()
    {
        Assert.True(Xmpp.Idna.TryToAscii(new string('a', 63), out _));
        Assert.False(Xmpp.Idna.TryToAscii(new string('a', 64), out _));
        Assert.False(Xmpp.Idna.TryToAscii(new string('\u00FC', 63), out _));
        var label = new string('a', 49) + ".";
        Assert.True(Xmpp.Idna.TryToAscii(string.Concat(Enumerable.Repeat(label, 5)) + "abc", out _));
        Assert.False(Xmpp.Idna.TryToAscii(string.Concat(Enumerable.Repeat(label, 5)) + "abcd", out _));
    }

    [Fact]
    public void Idn_agrees_on_every_code_point_and_on_random_labels()
    {
        var random = new Random(3490);
        var names = new List<string>();
        foreach (var codePoint in Enumerable.Range(0x21, 0x110000 - 0x21).Where(Rune.IsValid))
        {
            var text = new Rune(codePoint).ToString();
            if (!text.Contains('_') && codePoint is < 0x3400 or >= 0xF900 and < 0x30000 || codePoint % 37 == 0)
            {
                names.Add("b" + text + "x");
            }
        }

        for (var i = 0; i < 5_000; i++)
        {
            var label = new StringBuilder();
            for (var length = random.Next(1, 20); length > 0; length--)
            {
                label.Append(new Rune(random.Next(4) switch
                {
                    0 => random.Next('a', 'z' + 1),
                    1 => random.Next(0xC0, 0x250),
                    2 => random.Next(0x4E00, 0x9FA6),
                    _ => random.Next(0x10330, 0x1034B),
                }));
            }

            names.Add(label.ToString());
        }

        var passed = names
            .Select(name => (Name: name, Ascii: Xmpp.Idna.TryToAscii(name, out var ascii) ? ascii : null))
            .Where(one => one.Ascii is not null && !one.Ascii.Contains('_'))
            .ToArray();
        Assert.True(passed.Length > 10_000);
        var (succeeded, lines) = Oracle.Run(
            "idn", ["--quiet", "--idna-to-ascii", "--usestd3asciirules", "--allow-unassigned", "--no-tld"], passed.Select(one => one.Name));
        for (var i = 0; i < Math.Min(passed.Length, lines.Length); i++)
        {
            Assert.True(string.Equals(passed[i].Ascii, lines[i], StringComparison.OrdinalIgnoreCase), $"{passed[i].Name}: {passed[i].Ascii}, idn says {lines[i]}");
        }

        Assert.True(succeeded, lines.Length < passed.Length ? $"idn refuses {passed[lines.Length].Name}" : "idn failed.");
    }
}
