using System.Buffers;
using System.Text;
using CsCheck;
using Xunit;

namespace Meerkat.Xml.Tests;

public sealed class XmlEscapeTests
{
    [Fact]
    public void Any_string_reads_back_except_for_what_xml_cannot_say()
    {
        const string special = "<>&'\"\r\n\t]\ud800\udc00\ufffe\uffff";
        var chars = Gen.OneOf(Gen.Char, Gen.Char['\0', '\u00ff'], Gen.Int[0, special.Length - 1].Select(i => special[i]));
        chars.Array[0, 40].Select(c => new string(c)).Sample(
            text =>
            {
                var expected = Allowed(text);
                var fromChars = Written(o => XmlEscape.WriteText(o, text), o => XmlEscape.WriteAttribute(o, text));
                var utf8 = Encoding.UTF8.GetBytes(text);
                var bytes = Written(o => XmlEscape.WriteText(o, utf8), o => XmlEscape.WriteAttribute(o, utf8));
                return fromChars.Text == expected && fromChars.Attribute("v") == expected && fromChars.Attribute("w") == expected
                    && bytes.Text == expected && bytes.Attribute("v") == expected && bytes.Attribute("w") == expected;
            },
            iter: 20_000,
            threads: 1);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_become_replacement_characters()
    {
        byte[] bad = [(byte)'<', 0xFF, (byte)'a', 0xEF, 0xBF, 0xBF];

        Assert.Equal("<\ufffda\ufffd", Written(o => XmlEscape.WriteText(o, bad), o => XmlEscape.WriteAttribute(o, bad)).Text);
    }

    private static XmlElement Written(Action<IBufferWriter<byte>> text, Action<IBufferWriter<byte>> value)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("<a v='"u8);
        value(output);
        output.Write("' w=\""u8);
        value(output);
        output.Write("\">"u8);
        text(output);
        output.Write("</a>"u8);
        return XmlElement.Parse(output.WrittenSpan);
    }

    private static string Allowed(string text) =>
        string.Concat(text.EnumerateRunes().Select(r => r.Value is (< 0x20 and not (9 or 10 or 13)) or 0xFFFE or 0xFFFF ? "\ufffd" : r.ToString()));
}
