using Xunit;

namespace Meerkat.Xml.Tests;

public sealed class XmlBuilderTests
{
    [Fact]
    public void What_is_built_reads_back()
    {
        var e = new XmlBuilder("iq", "jabber:client").Attribute("id", "<'\"&\n>").Attribute("to", null).Lang("en")
            .Start("query", "jabber:iq:roster").Element("item", "a]]>\r\0\ud800b").Element("x", "other", null).End()
            .Build();

        Assert.Equal("<\'\"&\n>", e.Attribute("id"));
        Assert.Equal("en", e.Attribute("lang", XmlNames.XmlNamespace));
        Assert.Null(e.Attribute("to"));
        var query = e.Child("query", "jabber:iq:roster")!.Value;
        Assert.Equal("a]]>\r\ufffd\ufffdb", query.ChildText("item"));
        Assert.True(query.Children[1].Is("x", "other"));
        Assert.StartsWith("<iq xmlns='jabber:client' id=", e.ToString(), StringComparison.Ordinal);
        Assert.True(XmlElement.ValueEquals(e, XmlElement.Parse(e.ToUtf8())));
    }

    [Fact]
    public void A_name_that_is_none_or_an_attribute_given_twice_is_refused()
    {
        Assert.Throws<XmlFormatException>(() => new XmlBuilder("a b", "").Build());
        Assert.Throws<XmlFormatException>(() => new XmlBuilder("a", "").Attribute("x", "1").Attribute("x", "2").Build());
        Assert.Throws<InvalidOperationException>(() => new XmlBuilder("a", "").Text("t").Attribute("x", "1"));
        Assert.Throws<InvalidOperationException>(() => new XmlBuilder("a", "").End().Text("t"));
    }
}
