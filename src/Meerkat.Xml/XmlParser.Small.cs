using System.Text;

namespace Meerkat.Xml;

/// <content>References, CDATA sections, the XML declaration.</content>
internal sealed partial class XmlParser
{
    /// <summary>Behind the reference that begins at a place; -1 if the bytes end first.</summary>
    private int EndOfReference(ReadOnlySpan<byte> data, int start)
    {
        var rest = data[(start + 1)..];
        if (rest.IsEmpty)
        {
            return -1;
        }

        if (rest[0] == '#')
        {
            return EndOfCharacterReference(data, start);
        }

        var end = EndOfPart(data, start + 1);
        if (end < 0)
        {
            return -1;
        }

        if (data[end] != ';')
        {
            FailCharacter(data, end, "a reference without ';'");
        }

        var name = data[(start + 1)..end];
        if (!(name.SequenceEqual("amp"u8) || name.SequenceEqual("lt"u8) || name.SequenceEqual("gt"u8) || name.SequenceEqual("apos"u8) || name.SequenceEqual("quot"u8)))
        {
            Fail(XmlFault.Restricted, start, "an entity other than the predefined ones");
        }

        return end + 1;
    }

    private int EndOfCharacterReference(ReadOnlySpan<byte> data, int start)
    {
        var at = start + 2;
        var isHex = at < data.Length && data[at] == 'x';
        at += isHex ? 1 : 0;
        var first = at;
        var code = 0;
        for (; at < data.Length && data[at] != ';'; at++)
        {
            if (!(isHex ? char.IsAsciiHexDigit((char)data[at]) : char.IsAsciiDigit((char)data[at])))
            {
                FailCharacter(data, at, "a character reference that is none");
            }

            // Beyond Unicode it stays beyond, and does not overflow.
            code = Math.Min(0x110000, isHex ? (code * 16) + XmlText.HexValue(data[at]) : (code * 10) + data[at] - '0');
        }

        if (at == data.Length)
        {
            return -1;
        }

        if (at == first || !XmlChars.IsChar(code))
        {
            Fail(XmlFault.NotWellFormed, start, "a reference to a character that XML does not allow");
        }

        return at + 1;
    }

    /// <summary>What begins with '&lt;!': only a CDATA section inside an element is allowed. False if the bytes end first.</summary>
    private bool TryEnterCData(ReadOnlySpan<byte> data)
    {
        var opening = "<![CDATA["u8;
        var rest = data[_position..];
        if (rest.Length > 2 && rest[2] != '[')
        {
            Fail(rest[2] is (byte)'-' or (byte)'D' ? XmlFault.Restricted : XmlFault.NotWellFormed, _position, "a comment or document type declaration");
        }

        var known = Math.Min(rest.Length, opening.Length);
        if (!rest[..known].SequenceEqual(opening[..known]) || (_depth == 0 && known > 2))
        {
            Fail(XmlFault.NotWellFormed, _position, "'<!' without meaning here");
        }

        if (known < opening.Length)
        {
            return false;
        }

        _position += opening.Length;
        _inCData = true;
        return true;
    }

    /// <summary>Goes on in a CDATA section; false if the bytes end first.</summary>
    private bool TryLeaveCData(ReadOnlySpan<byte> data)
    {
        while (true)
        {
            var run = data[_position..].IndexOfAny(XmlChars.CDataStops);
            _position = run < 0 ? data.Length : _position + run;
            var rest = data[_position..];
            if (rest.IsEmpty)
            {
                return false;
            }

            if (rest[0] != ']')
            {
                Fail(XmlFault.NotWellFormed, _position, "a character that XML does not allow");
            }

            if (rest.StartsWith("]]>"u8))
            {
                _position += 3;
                _inCData = false;
                return true;
            }

            if (rest.Length < 3 && "]]>"u8.StartsWith(rest))
            {
                return false;
            }

            _position++;
        }
    }

    /// <summary>What begins with '&lt;?': only the XML declaration is allowed, and only at the very start. False if the bytes end first.</summary>
    private bool TryDeclaration(ReadOnlySpan<byte> data)
    {
        var rest = data[_position..];
        var opening = "<?xml"u8;
        var known = Math.Min(rest.Length, opening.Length);
        if (!rest[..known].SequenceEqual(opening[..known]) || (rest.Length > opening.Length && !XmlChars.IsSpace(rest[opening.Length]) && rest[opening.Length] != '?'))
        {
            Fail(XmlFault.Restricted, _position, "a processing instruction");
        }

        if (_depth > 0 || !_allowDeclaration)
        {
            if (rest.Length <= opening.Length)
            {
                return false;
            }

            Fail(XmlFault.NotWellFormed, _position, "an XML declaration that is not at the start");
        }

        var end = rest[1..].IndexOfAny((byte)'>', (byte)'<') + 1;
        if (end == 0)
        {
            return false;
        }

        CheckDeclaration(rest[..(end + 1)]);
        _position += end + 1;
        return true;
    }

    /// <summary>XML 1.0 §2.8: version, then perhaps encoding, then perhaps standalone, in this order.</summary>
    private void CheckDeclaration(ReadOnlySpan<byte> text)
    {
        var rest = text["<?xml"u8.Length..];
        var isVersion = TryPseudoAttribute(ref rest, "version"u8, out var version) && version.SequenceEqual("1.0"u8);
        var hasEncoding = TryPseudoAttribute(ref rest, "encoding"u8, out var encoding);
        var isStandalone = !TryPseudoAttribute(ref rest, "standalone"u8, out var standalone) || standalone.SequenceEqual("yes"u8) || standalone.SequenceEqual("no"u8);
        if (!isVersion || !isStandalone || !rest[SkipSpace(rest, 0)..].SequenceEqual("?>"u8))
        {
            Fail(XmlFault.NotWellFormed, _position, "an XML declaration that is none");
        }

        if (hasEncoding && !Ascii.EqualsIgnoreCase(encoding, "UTF-8"u8))
        {
            Fail(XmlFault.BadEncoding, _position, "an encoding other than UTF-8");
        }
    }

    private static bool TryPseudoAttribute(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        var at = SkipSpace(rest, 0);
        if (at == 0 || !rest[at..].StartsWith(name))
        {
            return false;
        }

        at = SkipSpace(rest, at + name.Length);
        if (at == rest.Length || rest[at] != '=')
        {
            return false;
        }

        at = SkipSpace(rest, at + 1);
        if (at == rest.Length || rest[at] is not ((byte)'\'' or (byte)'"'))
        {
            return false;
        }

        var length = rest[(at + 1)..].IndexOf(rest[at]);
        if (length < 0)
        {
            return false;
        }

        value = rest.Slice(at + 1, length);
        rest = rest[(at + length + 2)..];
        return true;
    }
}
