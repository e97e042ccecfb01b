namespace Meerkat.Xml;

/// <summary>Whole documents, in one piece.</summary>
internal static class XmlDocument
{
    /// <summary>Parses XML that this program wrote, without limits.</summary>
    internal static XmlTree ParseOwn(ReadOnlySpan<byte> utf8, string context) => Parse(utf8, context, XmlLimits.Unlimited);

    /// <summary>One element, with an XML declaration and white space around it or not.</summary>
    internal static XmlTree Parse(ReadOnlySpan<byte> utf8, string context, XmlLimits limits)
    {
        var parser = XmlParser.Rent();
        var start = SkipSpace(utf8, 0);
        parser.Begin(null, expectHeader: false, allowDeclaration: start == 0, start);
        var token = parser.Run(utf8[start..], limits);
        if (token is XmlToken.Declaration)
        {
            start = SkipSpace(utf8, parser.Consumed);
            parser.Begin(null, expectHeader: false, allowDeclaration: false, start);
            token = parser.Run(utf8[start..], limits);
        }

        if (token is not XmlToken.Element)
        {
            throw new XmlFormatException(XmlFault.NotWellFormed, utf8.Length, "the document ends too early");
        }

        var tree = parser.ToTree(utf8[start..], context);
        var end = SkipSpace(utf8, start + parser.Consumed);
        if (end != utf8.Length)
        {
            // The parser knows best what is wrong with it: a comment, say. An element or an end tag is well-formed where it stands, but not here.
            parser.Begin(null, expectHeader: false, allowDeclaration: false, end);
            parser.Run(utf8[end..], limits);
            throw new XmlFormatException(XmlFault.NotWellFormed, end, "something behind the root element");
        }

        XmlParser.Return(parser);
        return tree;
    }

    private static int SkipSpace(ReadOnlySpan<byte> utf8, int at)
    {
        while (at < utf8.Length && XmlChars.IsSpace(utf8[at]))
        {
            at++;
        }

        return at;
    }
}
