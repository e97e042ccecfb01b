using System.Buffers;

namespace Meerkat.Xml;

/// <summary>The character classes of XML 1.0 (fifth edition) §§2.2-2.3 and Namespaces in XML 1.0 §4, over bytes and code points.</summary>
internal static class XmlChars
{
    internal const byte NameStartFlag = 1;
    internal const byte NameFlag = 2;
    internal const byte SpaceFlag = 4;

    internal const string Controls = "\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000b\u000c\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f";

    /// <summary>Ends or interrupts a run of character data.</summary>
    internal static readonly SearchValues<byte> TextStops = Bytes(Controls + "<&]");

    /// <summary>Ends or interrupts a CDATA section.</summary>
    internal static readonly SearchValues<byte> CDataStops = Bytes(Controls + "]");

    /// <summary>Ends or interrupts an attribute value in single quotes.</summary>
    internal static readonly SearchValues<byte> AposStops = Bytes(Controls + "<&'");

    /// <summary>Ends or interrupts an attribute value in double quotes.</summary>
    internal static readonly SearchValues<byte> QuotStops = Bytes(Controls + "<&\"");

    /// <summary>What matters while looking for the end of a start tag.</summary>
    internal static readonly SearchValues<byte> TagStops = Bytes("<>'\"");

    /// <summary>What cannot be part of a reference, its end included.</summary>
    internal static readonly SearchValues<byte> ReferenceStops = Bytes(Controls + "; \t\r\n<>&'\"]");

    /// <summary>Flags by byte; of a byte above 0x7F always 0 (the code point decides). A colon is no name character here: names are qualified.</summary>
    internal static readonly byte[] Classes = MakeClasses();

    internal static bool IsNameStart(int c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_'
        or (>= 0xC0 and <= 0xD6) or (>= 0xD8 and <= 0xF6) or (>= 0xF8 and <= 0x2FF) or (>= 0x370 and <= 0x37D) or (>= 0x37F and <= 0x1FFF)
        or (>= 0x200C and <= 0x200D) or (>= 0x2070 and <= 0x218F) or (>= 0x2C00 and <= 0x2FEF) or (>= 0x3001 and <= 0xD7FF)
        or (>= 0xF900 and <= 0xFDCF) or (>= 0xFDF0 and <= 0xFFFD) or (>= 0x10000 and <= 0xEFFFF);

    internal static bool IsName(int c) => IsNameStart(c) || c is (>= '0' and <= '9') or '-' or '.' or 0xB7 or (>= 0x300 and <= 0x36F) or (>= 0x203F and <= 0x2040);

    /// <summary>The production Char: what a document may contain at all.</summary>
    internal static bool IsChar(int c) => c is '\t' or '\n' or '\r' or (>= 0x20 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or (>= 0x10000 and <= 0x10FFFF);

    internal static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';

    /// <summary>The place of the first U+FFFE or U+FFFF in valid UTF-8, or -1: the only code points above the controls that are not Char.</summary>
    internal static int IndexOfNonCharacter(ReadOnlySpan<byte> utf8)
    {
        var from = 0;
        while (true)
        {
            var at = utf8[from..].IndexOf([(byte)0xEF, (byte)0xBF]);
            if (at < 0)
            {
                return -1;
            }

            from += at;
            if (utf8[from + 2] >= 0xBE)
            {
                return from;
            }

            from += 3;
        }
    }

    private static SearchValues<byte> Bytes(string chars) => SearchValues.Create(System.Text.Encoding.Latin1.GetBytes(chars));

    private static byte[] MakeClasses()
    {
        var classes = new byte[256];
        for (var c = 0; c < 128; c++)
        {
            classes[c] = (byte)((IsNameStart(c) ? NameStartFlag : 0) | (IsName(c) ? NameFlag : 0) | (IsSpace((byte)c) ? SpaceFlag : 0));
        }

        return classes;
    }
}
