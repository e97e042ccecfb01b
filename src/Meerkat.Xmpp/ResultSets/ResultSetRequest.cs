using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>Which page of a result set somebody wants: <c>&lt;set/&gt;</c> in a request (XEP-0059 v1.0).</summary>
public sealed record ResultSetRequest
{
    /// <summary>At most so many items; 0 asks for the count alone (§2.7); null leaves it to the responder.</summary>
    public int? Max { get; init; }

    /// <summary>The page begins behind the item of this id (§2.2); null when not said. Empty is before the first.</summary>
    public string? After { get; init; }

    /// <summary>The page ends before the item of this id (§2.3); empty is the last page (§2.5); null when not said.</summary>
    public string? Before { get; init; }

    /// <summary>The page begins with the item of this index, from 0 (§2.6); null when not said.</summary>
    public int? Index { get; init; }

    /// <summary>The element.</summary>
    public XmlElement ToXml()
    {
        var set = new XmlBuilder("set", Ns.ResultSet);
        Add(set, "max", Max?.ToString(CultureInfo.InvariantCulture));
        Add(set, "after", After);
        Add(set, "before", Before);
        Add(set, "index", Index?.ToString(CultureInfo.InvariantCulture));
        return set.Build();

        static void Add(XmlBuilder set, string name, string? text)
        {
            if (text is not null)
            {
                set.Element(name, text);
            }
        }
    }

    /// <summary>Reads the element. False when it is another one, or a number in it is none (<c>bad-request</c>). Numbers too large for us are the largest that we have.</summary>
    /// <param name="set">The <c>&lt;set/&gt;</c>.</param>
    /// <param name="request">What it asks for, or null.</param>
    public static bool TryRead(XmlElement set, [NotNullWhen(true)] out ResultSetRequest? request)
    {
        request = null;
        if (!set.Is("set", Ns.ResultSet)
            || !ResultSetNumber.TryRead(set.ChildText("max"), out var max)
            || !ResultSetNumber.TryRead(set.ChildText("index"), out var index))
        {
            return false;
        }

        request = new ResultSetRequest { Max = max, After = set.ChildText("after"), Before = set.ChildText("before"), Index = index };
        return true;
    }
}
