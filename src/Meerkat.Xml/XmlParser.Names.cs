using System.Buffers;
using System.Text;

namespace Meerkat.Xml;

/// <content>The small parts of a start tag: names, attribute values, white space.</content>
internal sealed partial class XmlParser
{
    /// <summary>The end of the qualified name that starts at a place, and the length of its prefix (0: none); -1 if the bytes end first.</summary>
    private int EndOfName(ReadOnlySpan<byte> data, int start, out int prefix)
    {
        prefix = 0;
        var at = EndOfPart(data, start);
        if (at >= 0 && at < data.Length && data[at] == ':')
        {
            prefix = at - start;
            at = EndOfPart(data, at + 1);
        }

        if ((at < 0 ? data.Length : at) - start > Math.Min(_limits.MaxNameBytes, XmlLimits.HardLimit))
        {
            Fail(XmlFault.NameTooLong, start, "a name too long");
        }

        return at;
    }

    /// <summary>The end of a name without colons; -1 if the bytes end before it does.</summary>
    private int EndOfPart(ReadOnlySpan<byte> data, int start)
    {
        var classes = XmlChars.Classes;
        var wanted = XmlChars.NameStartFlag;
        var at = start;
        while ((uint)at < (uint)data.Length)
        {
            var b = data[at];
            if ((classes[b] & wanted) != 0)
            {
                at++;
            }
            else if (b < 0x80)
            {
                break;
            }
            else
            {
                var status = Rune.DecodeFromUtf8(data[at..], out var rune, out var length);
                if (status is OperationStatus.NeedMoreData)
                {
                    return -1;
                }

                if (status is not OperationStatus.Done)
                {
                    Fail(XmlFault.BadEncoding, at, "not UTF-8");
                }

                if (!(at == start ? XmlChars.IsNameStart(rune.Value) : XmlChars.IsName(rune.Value)))
                {
                    break;
                }

                at += length;
            }

            wanted = XmlChars.NameFlag;
        }

        if (at == data.Length)
        {
            return -1;
        }

        if (at == start)
        {
            FailCharacter(data, at, "a name was expected");
        }

        return at;
    }

    /// <summary>Behind the opening quote of the value of the attribute whose name ends at a place; -1 if the bytes end first.</summary>
    private int StartOfValue(ReadOnlySpan<byte> data, int at)
    {
        at = SkipSpace(data, at);
        if (at == data.Length)
        {
            return -1;
        }

        if (data[at] != '=')
        {
            FailCharacter(data, at, "'=' was expected");
        }

        at = SkipSpace(data, at + 1);
        if (at == data.Length)
        {
            return -1;
        }

        if (data[at] is not ((byte)'\'' or (byte)'"'))
        {
            FailCharacter(data, at, "a quote was expected");
        }

        return at + 1;
    }

    /// <summary>The closing quote of the value that starts at a place; -1 if the bytes end first.</summary>
    private int EndOfValue(ReadOnlySpan<byte> data, int start)
    {
        var quote = data[start - 1];
        var stops = quote == '\'' ? XmlChars.AposStops : XmlChars.QuotStops;
        var at = start;
        while (true)
        {
            var run = data[at..].IndexOfAny(stops);
            if (run < 0)
            {
                return -1;
            }

            at += run;
            if (data[at] == quote)
            {
                return at;
            }

            if (data[at] != '&')
            {
                Fail(XmlFault.NotWellFormed, at, "a character that an attribute value cannot have");
            }

            at = EndOfReference(data, at);
            if (at < 0)
            {
                return -1;
            }
        }
    }

    private static int SkipSpace(ReadOnlySpan<byte> data, int at)
    {
        while ((uint)at < (uint)data.Length && (XmlChars.Classes[data[at]] & XmlChars.SpaceFlag) != 0)
        {
            at++;
        }

        return at;
    }
}
