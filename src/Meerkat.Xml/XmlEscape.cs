using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Meerkat.Xml;

/// <summary>Writes text as XML character data and attribute values, in UTF-8.</summary>
/// <remarks>What is written reads back as it was: a carriage return (and in attributes a tab and a line feed) becomes a character reference, since a parser would normalise it.
/// What XML 1.0 cannot express (controls, U+FFFE, U+FFFF, lone surrogates, bytes that are not UTF-8) becomes U+FFFD.</remarks>
public static class XmlEscape
{
    private const string NotAllowed = XmlChars.Controls;

    private const int LongestInOneSpan = 340;

    private static readonly SearchValues<char> TextChars = SearchValues.Create(NotAllowed + "<>&\r\ufffe\uffff");
    private static readonly SearchValues<char> AttributeChars = SearchValues.Create(NotAllowed + "<>&'\"\r\n\t\ufffe\uffff");
    private static readonly SearchValues<byte> TextBytes = SearchValues.Create(Encoding.ASCII.GetBytes(NotAllowed + "<>&\r"));
    private static readonly SearchValues<byte> AttributeBytes = SearchValues.Create(Encoding.ASCII.GetBytes(NotAllowed + "<>&'\"\r\n\t"));

    /// <summary>Writes character data.</summary>
    public static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<char> text) => Write(output, text, TextChars);

    /// <summary>Writes an attribute value, to stand in either quote; the quotes are not written.</summary>
    public static void WriteAttribute(IBufferWriter<byte> output, ReadOnlySpan<char> value) => Write(output, value, AttributeChars);

    /// <summary>Writes character data from UTF-8 (unescaped text, not XML).</summary>
    public static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8) => Write(output, utf8, TextBytes, TextChars);

    /// <summary>Writes an attribute value from UTF-8 (unescaped text, not XML); the quotes are not written.</summary>
    public static void WriteAttribute(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8) => Write(output, utf8, AttributeBytes, AttributeChars);

    private static void Write(IBufferWriter<byte> output, ReadOnlySpan<char> text, SearchValues<char> special)
    {
        while (true)
        {
            var plain = text.IndexOfAny(special);
            Encode(output, plain < 0 ? text : text[..plain]);
            if (plain < 0)
            {
                return;
            }

            output.Write(Reference(text[plain]));
            text = text[(plain + 1)..];
        }
    }

    private static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8, SearchValues<byte> special, SearchValues<char> specialChars)
    {
        if (!Ascii.IsValid(utf8) && (!Utf8.IsValid(utf8) || XmlChars.IndexOfNonCharacter(utf8) >= 0))
        {
            Write(output, Encoding.UTF8.GetString(utf8), specialChars);
            return;
        }

        while (true)
        {
            var plain = utf8.IndexOfAny(special);
            output.Write(plain < 0 ? utf8 : utf8[..plain]);
            if (plain < 0)
            {
                return;
            }

            output.Write(Reference((char)utf8[plain]));
            utf8 = utf8[(plain + 1)..];
        }
    }

    /// <summary>Lone surrogates become U+FFFD in the encoder.</summary>
    private static void Encode(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        if (text.Length > LongestInOneSpan)
        {
            Encoding.UTF8.GetBytes(text, output);
            return;
        }

        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(Math.Max(1, text.Length * 3))));
    }

    private static ReadOnlySpan<byte> Reference(char c) => c switch
    {
        '<' => "&lt;"u8,
        '>' => "&gt;"u8,
        '&' => "&amp;"u8,
        '\'' => "&apos;"u8,
        '"' => "&quot;"u8,
        '\t' => "&#9;"u8,
        '\n' => "&#10;"u8,
        '\r' => "&#13;"u8,
        _ => "\ufffd"u8,
    };
}
