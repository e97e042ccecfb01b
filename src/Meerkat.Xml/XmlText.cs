using System.Buffers;
using System.Text;

namespace Meerkat.Xml;

/// <summary>From the bytes of a checked document to the text that they mean: references, CDATA sections, line ends (XML 1.0 §2.11) and attribute values (§3.3.3).</summary>
internal static class XmlText
{
    private static readonly SearchValues<byte> TextSpecial = SearchValues.Create("&<\r"u8);
    private static readonly SearchValues<byte> AttributeSpecial = SearchValues.Create("&\r\n\t"u8);

    /// <summary>What an attribute value between its quotes means.</summary>
    internal static string Attribute(ReadOnlySpan<byte> raw)
    {
        if (raw.IndexOfAny(AttributeSpecial) < 0)
        {
            return raw.Length <= 32 ? XmlNames.Text(raw) : Encoding.UTF8.GetString(raw);
        }

        // Decoded text is never longer than its bytes in the document.
        var rented = ArrayPool<byte>.Shared.Rent(raw.Length);
        var text = XmlNames.Text(rented.AsSpan(0, DecodeAttribute(raw, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return text;
    }

    /// <summary>Decodes an attribute value into <paramref name="target"/>, which is at least as long; returns the length.</summary>
    internal static int DecodeAttribute(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        var length = 0;
        while (true)
        {
            var plain = raw.IndexOfAny(AttributeSpecial);
            var run = plain < 0 ? raw : raw[..plain];
            run.CopyTo(target[length..]);
            length += run.Length;
            if (plain < 0)
            {
                return length;
            }

            raw = raw[plain..];
            if (raw[0] == '&')
            {
                raw = raw[Reference(raw, target, ref length)..];
                continue;
            }

            target[length++] = (byte)' ';
            raw = raw[(raw.StartsWith("\r\n"u8) ? 2 : 1)..];
        }
    }

    /// <summary>What character data without child elements means; CDATA sections may be in it.</summary>
    internal static string Content(ReadOnlySpan<byte> raw)
    {
        if (raw.IndexOfAny(TextSpecial) < 0)
        {
            return raw.IsEmpty ? "" : Encoding.UTF8.GetString(raw);
        }

        var rented = ArrayPool<byte>.Shared.Rent(raw.Length);
        var text = Encoding.UTF8.GetString(rented.AsSpan(0, DecodeContent(raw, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return text;
    }

    /// <summary>Decodes character data into <paramref name="target"/>, which is at least as long; returns the length.</summary>
    internal static int DecodeContent(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        var length = 0;
        while (true)
        {
            var plain = raw.IndexOfAny(TextSpecial);
            var run = plain < 0 ? raw : raw[..plain];
            run.CopyTo(target[length..]);
            length += run.Length;
            if (plain < 0)
            {
                return length;
            }

            raw = raw[plain..];
            switch (raw[0])
            {
                case (byte)'&':
                    raw = raw[Reference(raw, target, ref length)..];
                    break;
                case (byte)'<': // <![CDATA[ ... ]]>: nothing else can begin so between two elements
                    var end = raw.IndexOf("]]>"u8);
                    length += Lines(raw[9..end], target[length..]);
                    raw = raw[(end + 3)..];
                    break;
                default:
                    target[length++] = (byte)'\n';
                    raw = raw[(raw.StartsWith("\r\n"u8) ? 2 : 1)..];
                    break;
            }
        }
    }

    /// <summary>Decodes the reference at the start and returns how many bytes it took in the document.</summary>
    private static int Reference(ReadOnlySpan<byte> raw, Span<byte> target, ref int length)
    {
        var end = raw.IndexOf((byte)';');
        if (raw[1] != '#')
        {
            target[length++] = (raw[1], raw[2]) switch
            {
                ((byte)'l', _) => (byte)'<',
                ((byte)'g', _) => (byte)'>',
                ((byte)'q', _) => (byte)'"',
                (_, (byte)'m') => (byte)'&',
                _ => (byte)'\'',
            };
            return end + 1;
        }

        var hex = raw[2] == 'x';
        var code = 0;
        foreach (var digit in raw[(hex ? 3 : 2)..end])
        {
            code = hex ? (code * 16) + HexValue(digit) : (code * 10) + digit - '0';
        }

        length += new Rune(code).EncodeToUtf8(target[length..]);
        return end + 1;
    }

    internal static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static int Lines(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        var length = 0;
        while (true)
        {
            var plain = raw.IndexOf((byte)'\r');
            var run = plain < 0 ? raw : raw[..plain];
            run.CopyTo(target[length..]);
            length += run.Length;
            if (plain < 0)
            {
                return length;
            }

            target[length++] = (byte)'\n';
            raw = raw[plain..];
            raw = raw[(raw.StartsWith("\r\n"u8) ? 2 : 1)..];
        }
    }
}
