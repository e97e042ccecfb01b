using System.Text;

namespace Meerkat.Xml.Tests;

/// <summary>Makes documents out of a sequence of choices. A byte is a choice; when they run out the simplest is chosen, so that fewer and smaller bytes make a simpler document, and
/// what CsCheck shrinks stays meaningful.</summary>
internal sealed class DocumentGenerator
{
    // The first ones are taken most of the time.
    private static readonly string[] Names = ["a", "b", "item", "p:a", "p:b", "q:a", "_x.1-2", "ä", "p:ñ·", "名", "xml:lang", "\u037fa", "\U00010000", "a\u2070", "p:q:r", "1a", "xmlns:a", ":a", "a:", "-", "xmlns", "p:1", "\u00d7", "z:a", "a\u00d7b"];
    private static readonly string[] Values = ["", "x", "&lt;", "&amp;&quot;&apos;&gt;", "&#65;", "é", "\U0001F600", "\t", "\r\n", "\n", "\r", "&#10;&#13;&#9;", ">", "]]>", "&#x1F600;", " x  y ", "\u0085\u2028", "&#xFFFD;", "\ufffd\ufeff", "&e;", "&nbsp", "&", "&#0;", "&#xFFFE;", "&#xD800;", "&#x110000;", "&#;", "&#x;", "&#X41;", "&;", "\u0001", "\u007f\u0080", "\ufffe", "\uffff", "<", "&#99999999999999;", "&lt", "& ", "&#00000000065;", "&#x"];
    private static readonly string[] Texts = ["", "x", "x", "<![CDATA[y]]>", "]]", "]", "<![CDATA[]]]]>", "<![CDATA[<&>\r\n]>]] >]]>", "\"'", "]]&gt;", "]]>", "<!---->", "<!-- c -->", "<?p i?>", "<?p?>", "<![CDATA[", "]]><", "<!DOCTYPE a>", "<![cdata[x]]>", "<!", "<?xml version='1.0'?>", "<!-- -- -->", "<![CDATA[\u0001]]>", "<![CDATA[\ufffe]]>"];
    private static readonly string[] Namespaces = ["u", "v", "u", "", "&#117;", "jabber:client", "u ", "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/", "\u00fc", "&amp;", "&bad;"];
    private static readonly string[] Declared = ["xmlns", "xmlns:p", "xmlns:q", "xmlns:p", "xmlns:q", "xmlns:xml", "xmlns:xmlns", "xmlns:ä", "xmlns:", "xmlns:p:q", "xmlns:1", "xmlns:z"];
    private static readonly string[] Prologs = ["", "", "", "", "", "<?xml version='1.0'?>", "<?xml version=\"1.0\" encoding='UTF-8'?>\n", "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>", " ", "\n<?xml version='1.0'?>", "<?xml version='1.1'?>", "<?xml version='1.0='?>", "<?xml version='1.0' standalone='maybe'?>", "<?xml?>", "<?xml encoding='UTF-8'?>", "<?xml version='1.0' encoding='ISO-8859-1'?>", "<?xml version='1.0' encoding='us-ascii'?>", "\ufeff", "<!DOCTYPE a>", "<!--c-->", "<?p?>", "x", "<?xml version='1.0'encoding='UTF-8'?>", "<?xml version='1.0' standalone='no' encoding='UTF-8'?>", "<?xml version=1.0?>", "<?xml version='1.0'>", "<?xml\tversion\n=\r'1.0'\t?>", "<?XML version='1.0'?>", "<?xml-stylesheet a?>", "<?xml version='1.0' encoding='utf-16'?>", "<?xml version='1.0' encoding='nonsense'?>", "<?xml version='1.0' encoding=''?>"];
    private static readonly string[] Epilogs = ["", "", "", "", "", " ", "\r\n", "x", "<a/>", "<!--c-->", "<?p?>", "&#32;", "</a>", "\0", "<![CDATA[]]>"];
    private static readonly string[] Snippets = ["<", ">", "/", "'", "\"", "=", "&", ";", ":", "!", "?", "-", "]", " ", "\n", "\0", "\u00e9", "xmlns", "<![CDATA[", "]]>", "&#x", "</", "/>", "<!--", "-->", "<?", "?>"];

    private readonly byte[] _choices;
    private int _next;
    private readonly StringBuilder _xml = new();

    private DocumentGenerator(byte[] choices) => _choices = choices;

    internal static byte[] Make(byte[] choices)
    {
        var generator = new DocumentGenerator(choices);
        var mutations = generator.Next(6) - 2;
        generator.Document();
        List<byte> bytes = [.. Encoding.UTF8.GetBytes(generator._xml.ToString())];
        for (; mutations > 0; mutations--)
        {
            generator.Mutate(bytes);
        }

        return [.. bytes];
    }

    private int Next(int count) => _next < _choices.Length ? _choices[_next++] % count : 0;

    private int Large(int count) => count == 0 ? 0 : ((Next(256) * 256) + Next(256)) % count;

    /// <summary>One of the first few nearly always, any one seldom.</summary>
    private string Pick(string[] from, int usual) => Next(24) == 23 ? from[Next(from.Length)] : from[Next(usual)];

    private void Document()
    {
        _xml.Append(Pick(Prologs, 9));
        Element(0);
        _xml.Append(Pick(Epilogs, 7));
    }

    private void Element(int depth)
    {
        var name = Pick(Names, 10);
        _xml.Append('<').Append(name);
        if (depth == 0 && Next(4) != 3)
        {
            _xml.Append(" xmlns:p='u' xmlns:q='v'");
        }

        for (var left = Next(4); left > 0; left--)
        {
            Attribute();
        }

        _xml.Append(Next(12) == 11 ? "\r\n" : "");
        if (Next(4) == 0)
        {
            _xml.Append("/>");
            return;
        }

        _xml.Append('>');
        for (var left = depth < 5 ? Next(4) : 0; left > 0; left--)
        {
            if (Next(2) == 0)
            {
                Element(depth + 1);
            }
            else
            {
                _xml.Append(Next(2) == 0 ? Pick(Texts, 10) : Pick(Values, 18));
            }
        }

        _xml.Append("</").Append(Next(64) == 63 ? Pick(Names, 10) : name).Append(Next(12) == 11 ? "\t " : "").Append('>');
    }

    private void Attribute()
    {
        var quote = Next(3) == 2 ? '"' : '\'';
        _xml.Append(Next(32) == 31 ? "" : Next(8) == 7 ? "\r\n\t" : " ");
        if (Next(3) == 2)
        {
            _xml.Append(Pick(Declared, 5)).Append('=').Append(quote).Append(Pick(Namespaces, 6)).Append(quote);
            return;
        }

        _xml.Append(Pick(Names, 11)).Append(Next(12) == 11 ? " = " : "=").Append(quote);
        for (var left = Next(3); left > 0; left--)
        {
            _xml.Append(Pick(Values, 19));
        }

        _xml.Append(quote);
    }

    private void Mutate(List<byte> bytes)
    {
        var at = Large(bytes.Count + 1);
        var length = Math.Min(1 + Next(12), bytes.Count - at);
        switch (Next(6))
        {
            case 0:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(Snippets[Next(Snippets.Length)]));
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2 when at < bytes.Count:
                bytes[at] = (byte)Next(256);
                break;
            case 3 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << Next(8));
                break;
            case 4:
                bytes.InsertRange(Large(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 5 when Next(2) == 1:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                bytes.Add((byte)Next(256));
                break;
        }
    }
}
