using System.Text;
using Xunit;

namespace Meerkat.Xml.Tests;

public sealed class XmlNamesTests
{
    [Fact]
    public void Registered_names_and_namespaces_are_read_as_the_registered_instances()
    {
        var ns = "urn:xml-names-tests:" + Guid.NewGuid();
        var name = "n" + Guid.NewGuid().ToString("N")[..20];
        XmlNames.Register(ns, name, ns);

        var e = XmlElement.Parse($"<{name} xmlns='{ns}' type='{name}' xmlns:p='{ns.Replace(":", "&#58;", StringComparison.Ordinal)}'><p:a/></{name}>");

        Assert.Same(ns, e.Namespace);
        Assert.Same(name, e.Name);
        Assert.Same(name, e.Attribute("type"));
        Assert.Same(ns, e.FirstChild!.Value.Namespace);
    }

    [Fact]
    public void What_a_peer_sends_never_enters_the_table()
    {
        var stranger = "urn:stranger:" + Guid.NewGuid();
        var xml = $"<{"s" + Guid.NewGuid()} xmlns='{stranger}'/>";

        Assert.Equal(stranger, XmlElement.Parse(xml).Namespace);
        Assert.NotSame(XmlElement.Parse(xml).Namespace, XmlElement.Parse(xml).Namespace);
    }

    [Fact]
    public void Many_registered_names_are_all_found()
    {
        var all = Enumerable.Range(0, 2_000).Select(i => $"urn:many:{i % 10}:{new string('x', i % 50)}:{i}").ToArray();
        XmlNames.Register(all);

        foreach (var ns in all)
        {
            Assert.Same(ns, XmlElement.Parse($"<a xmlns='{ns}'/>").Namespace);
        }
    }

    [Fact]
    public void Registering_while_others_read_is_safe()
    {
        Parallel.For(0, 200, i =>
        {
            var ns = $"urn:parallel:{i}";
            XmlNames.Register(ns);
            Assert.Same(ns, XmlElement.Parse($"<a xmlns='{ns}'/>").Namespace);
        });
    }

    [Fact]
    public void Unknown_namespaces_beyond_the_few_that_are_compared_still_mean_the_same()
    {
        var many = string.Concat(Enumerable.Range(0, 30).Select(i => $"<b xmlns='urn:unknown:{i}'/>"));
        var e = XmlElement.Parse($"<a xmlns:p='urn:twice'>{many}<c xmlns:q='urn:twice'><q:d/></c></a>");

        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"urn:unknown:{i}"), e.Children.Take(30).Select(c => c.Namespace));
        Assert.Equal("urn:twice", e.Children[30].FirstChild!.Value.Namespace);
        // The same attribute by two prefixes, bound to one namespace that got two ids.
        var twice = $"<a xmlns:p='urn:twice'>{many}<c xmlns:q='urn:twice' q:d='' p:d=''/></a>";
        Assert.Throws<XmlFormatException>(() => XmlElement.Parse(twice));
    }

    [Theory]
    [InlineData("ä", "ä", true)]
    [InlineData("ä", "a", false)]
    [InlineData("äa", "aä", false)]
    [InlineData("\U00010000", "\U00010000", true)]
    [InlineData("abc", "abd", false)]
    [InlineData("abc", "ab", false)]
    public void Names_are_compared_without_regard_to_their_encoding(string utf8, string text, bool equal)
    {
        Assert.Equal(equal, XmlElement.Parse($"<{utf8} {utf8}='1'/>").Is(text, ""));
        Assert.Equal(equal, XmlElement.Parse($"<{utf8} {utf8}='1'/>").Attribute(text) is not null);
        Assert.Equal(Encoding.UTF8.GetBytes(utf8), XmlElement.Parse($"<{utf8} {utf8}='1'/>").Attributes[0].RawName);
    }
}
