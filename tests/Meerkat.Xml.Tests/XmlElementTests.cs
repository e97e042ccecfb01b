using System.Text;
using Xunit;

namespace Meerkat.Xml.Tests;

public sealed class XmlElementTests
{
    [Fact]
    public void Names_attributes_text_and_children_are_read()
    {
        var message = XmlElement.Parse("<message xmlns='jabber:client' to=\"a&amp;b\" xml:lang='de'>one<body>x &lt; y</body>two<x xmlns='n'/><![CDATA[<3]]></message>");

        Assert.Equal("message", message.Name);
        Assert.Equal("jabber:client", message.Namespace);
        Assert.True(message.Is("message", "jabber:client"));
        Assert.False(message.Is("message", ""));
        Assert.Equal("a&b", message.Attribute("to"));
        Assert.Null(message.Attribute("lang"));
        Assert.Equal("de", message.Attribute("lang", XmlNames.XmlNamespace));
        Assert.Equal(2, message.Attributes.Count);
        Assert.Equal("onetwo<3", message.Text);
        Assert.Equal("x < y", message.ChildText("body"));
        Assert.Null(message.Child("x"));
        Assert.Equal("n", message.Child("x", "n")!.Value.Namespace);
        Assert.Equal(["body", "x"], message.Children.Select(c => c.Name));
        Assert.True(message.Children[1].Children is []);
    }

    [Fact]
    public void Line_ends_and_attribute_white_space_are_normalised()
    {
        var e = XmlElement.Parse("<a b='1\r\n2\t3\n4&#10;5\r6'>x\r\ny\rz&#13;<![CDATA[\r\nq\r]]></a>");

        Assert.Equal("1 2 3 4\n5 6", e.Attribute("b"));
        Assert.Equal("x\ny\nz\r\nq\n", e.Text);
    }

    [Fact]
    public void An_element_is_copied_where_its_namespace_is_the_default_already()
    {
        var message = XmlElement.Parse("<message><body>x</body></message>", "jabber:client");

        Assert.Equal("<message><body>x</body></message>", Written(message, "jabber:client"));
        Assert.Equal("<message xmlns='jabber:client'><body>x</body></message>", message.ToString());
        Assert.Equal("<body>x</body>", Written(message.FirstChild!.Value, "jabber:client"));
        Assert.Equal("<body xmlns='jabber:client'>x</body>", Written(message.FirstChild!.Value, "jabber:server"));
    }

    [Fact]
    public void A_child_takes_the_declarations_it_needs_with_it()
    {
        var e = XmlElement.Parse("<p:a xmlns:p='P' xmlns:q='Q' xmlns:r='R' xmlns='D'><q:b><c q:x='1' p:y='2'/></q:b></p:a>");
        var b = e.FirstChild!.Value;

        var alone = "<q:b xmlns='D' xmlns:p='P' xmlns:q='Q'><c q:x='1' p:y='2'/></q:b>";
        Assert.Equal(alone, b.ToString());
        Assert.Equal("<c xmlns:p='P' xmlns:q='Q' q:x='1' p:y='2'/>", Written(b.FirstChild!.Value, "D"));
        Assert.True(XmlElement.ValueEquals(b, XmlElement.Parse(alone)));
        Assert.True(XmlElement.ValueEquals(b, b.Detach()));
        Assert.Equal("D", b.Detach().FirstChild!.Value.Namespace);
        Assert.Equal(" xmlns:p='P' xmlns:q='Q' xmlns:r='R'", Written(e.WritePrefixDeclarations));
    }

    [Fact]
    public void Editing_keeps_the_rest()
    {
        var e = XmlElement.Parse("<a xmlns='n' x='1' y='2'>t<b/>u<c/>v</a>");

        Assert.Equal("<a x='1' y='2' xmlns='n'>tu<c/>v</a>", e.Without(c => c.Name == "b").ToString());
        Assert.Equal("<a x='1' y='2' xmlns='n'>t<b/>u<c/>v<d xmlns='m'/></a>", e.With(new XmlBuilder("d", "m").Build()).ToString());
        Assert.Equal("<a x='1' y='2' xmlns='n'><c/></a>", e.WithChildren([e.Children[1]]).ToString());
        Assert.Equal("<a x='1' xmlns='n' y='&lt;'>t<b/>u<c/>v</a>", e.WithAttribute("y", "<").ToString());
        Assert.Equal("<a x='1' xmlns='n'>t<b/>u<c/>v</a>", e.WithAttribute("y", null).ToString());
        Assert.True(e.Without(c => false).Raw == e.Raw);
    }

    private static string Written(XmlElement element, string context) => Written(output => element.WriteTo(output, context));

    private static string Written(Action<System.Buffers.IBufferWriter<byte>> write)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
