using System.Text;
using Xunit;

namespace Meerkat.Xml.Tests;

/// <summary>Which fault is reported for what (RFC 6120 §11), and the limits.</summary>
public sealed class XmlRestrictionTests
{
    [Theory]
    [InlineData(XmlFault.Restricted, "<!DOCTYPE a><a/>")]
    [InlineData(XmlFault.Restricted, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")]
    [InlineData(XmlFault.Restricted, "<a><!-- c --></a>")]
    [InlineData(XmlFault.Restricted, "<a/><!-- c -->")]
    [InlineData(XmlFault.Restricted, "<?php?><a/>")]
    [InlineData(XmlFault.Restricted, "<?xml-stylesheet href='a'?><a/>")]
    [InlineData(XmlFault.Restricted, "<a>&nbsp;</a>")]
    [InlineData(XmlFault.Restricted, "<a b='&nbsp;'/>")]
    [InlineData(XmlFault.BadEncoding, "<?xml version='1.0' encoding='UTF-16'?><a/>")]
    [InlineData(XmlFault.NotWellFormed, "<?xml version='1.1'?><a/>")]
    [InlineData(XmlFault.NotWellFormed, " <?xml version='1.0'?><a/>")]
    [InlineData(XmlFault.NotWellFormed, "<a>")]
    [InlineData(XmlFault.NotWellFormed, "")]
    [InlineData(XmlFault.NotWellFormed, "<a/><a/>")]
    [InlineData(XmlFault.NotWellFormed, "<a></A>")]
    [InlineData(XmlFault.NotWellFormed, "<p:a/>")]
    [InlineData(XmlFault.NotWellFormed, "<a p:b=''/>")]
    [InlineData(XmlFault.NotWellFormed, "<a b='' b=''/>")]
    [InlineData(XmlFault.NotWellFormed, "<a xmlns:p='u' xmlns:q='&#117;' p:b='' q:b=''/>")]
    [InlineData(XmlFault.NotWellFormed, "<a xmlns='u' xmlns='v'/>")]
    [InlineData(XmlFault.NotWellFormed, "<a xmlns:p='u' xmlns:p='u'/>")]
    [InlineData(XmlFault.NotWellFormed, "<a xmlns:p=''/>")]
    [InlineData(XmlFault.NotWellFormed, "<a xmlns:xml='u'/>")]
    [InlineData(XmlFault.NotWellFormed, "<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>")]
    [InlineData(XmlFault.NotWellFormed, "<a xmlns='http://www.w3.org/XML/1998/namespace'/>")]
    [InlineData(XmlFault.NotWellFormed, "<a xmlns='http://www.w3.org/2000/xmlns/'/>")]
    [InlineData(XmlFault.NotWellFormed, "<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>")]
    [InlineData(XmlFault.NotWellFormed, "<a>]]></a>")]
    [InlineData(XmlFault.NotWellFormed, "<a>&#0;</a>")]
    [InlineData(XmlFault.NotWellFormed, "<a>&#xD800;</a>")]
    [InlineData(XmlFault.NotWellFormed, "<a>&#xFFFFFFFFFFFFFFFF41;</a>")]
    [InlineData(XmlFault.NotWellFormed, "<a>\u0001</a>")]
    [InlineData(XmlFault.NotWellFormed, "<a>\uffff</a>")]
    [InlineData(XmlFault.NotWellFormed, "<a b='\u001f'/>")]
    [InlineData(XmlFault.NotWellFormed, "<![CDATA[x]]>")]
    public void Xml_that_is_not_accepted_names_its_fault(XmlFault fault, string xml) =>
        Assert.Equal(fault, Assert.Throws<XmlFormatException>(() => XmlElement.Parse(xml)).Fault);

    [Theory]
    [InlineData("<a>&#65;&#x1F600;&amp;&lt;&gt;&apos;&quot;</a>")]
    [InlineData("<a><![CDATA[<!-- no comment --> &nbsp;]]></a>")]
    [InlineData("<?xml version='1.0' encoding='utf-8'?>\n<a/>\n")]
    [InlineData("<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang=''/>")]
    [InlineData("<a xmlns='u' xmlns:p='u' b='' p:b=''/>")] // an attribute without a prefix is in no namespace
    [InlineData("<a xmlns='u'><b xmlns=''/></a>")]
    [InlineData("<a>]] ]></a >")]
    public void Xml_that_is_accepted(string xml) => Assert.False(XmlElement.Parse(xml).IsDefault);

    [Fact]
    public void A_lone_surrogate_is_refused() => Assert.Equal(XmlFault.BadEncoding, Assert.Throws<XmlFormatException>(() => XmlElement.Parse("<a>\ud800</a>")).Fault);

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused()
    {
        foreach (var bytes in (byte[][])[[0xC3], [0xC0, 0xBC], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xFF]])
        {
            Assert.Equal(XmlFault.BadEncoding, Refusal([.. "<a>"u8, .. bytes, .. "</a>"u8], XmlLimits.Default));
            Assert.Equal(XmlFault.BadEncoding, Refusal([.. "<a b='"u8, .. bytes, .. "'/>"u8], XmlLimits.Default));
            Assert.Equal(XmlFault.BadEncoding, Refusal([.. "<a"u8, .. bytes, .. "/>"u8], XmlLimits.Default));
        }
    }

    [Fact]
    public void What_is_at_a_limit_passes_and_what_is_beyond_does_not()
    {
        var limits = new XmlLimits { MaxElementBytes = 1_000, MaxDepth = 10, MaxAttributes = 8, MaxNameBytes = 20 };

        Assert.Null(Refusal(Xml(100, 10, 8, 20), limits));
        Assert.Equal(XmlFault.TooDeep, Refusal(Xml(100, 11, 8, 20), limits));
        Assert.Equal(XmlFault.TooManyAttributes, Refusal(Xml(100, 10, 9, 20), limits));
        Assert.Equal(XmlFault.NameTooLong, Refusal(Xml(100, 10, 8, 21), limits));
        var rest = Xml(0, 1, 0, 1).Length;
        Assert.Null(Refusal(Xml(1_000 - rest, 1, 0, 1), limits));
        Assert.Equal(XmlFault.TooBig, Refusal(Xml(1_001 - rest, 1, 0, 1), limits));
    }

    [Fact]
    public void Declarations_count_as_attributes_and_are_bounded_over_all_depths()
    {
        var limits = new XmlLimits { MaxAttributes = 4 };
        var four = "<a xmlns:a='1' xmlns:b='2' xmlns:c='3' xmlns:d='4'>";

        Assert.Null(Refusal(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(four, 4)) + "</a></a></a></a>"), limits));
        Assert.Equal(XmlFault.TooManyAttributes, Refusal(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(four, 5))), limits));
        Assert.Equal(XmlFault.TooManyAttributes, Refusal("<a xmlns='0' xmlns:a='1' xmlns:b='2' xmlns:c='3' xmlns:d='4'/>"u8.ToArray(), limits));
    }

    [Fact]
    public void A_fault_says_where_it_is()
    {
        Assert.Equal(7, Assert.Throws<XmlFormatException>(() => XmlElement.Parse("<a>xyz &\u0001</a>".Replace("&", "", StringComparison.Ordinal))).Offset);
        Assert.Equal(3, Assert.Throws<XmlFormatException>(() => XmlElement.Parse("<a><!-- --></a>")).Offset);
    }

    private static byte[] Xml(int text, int depth, int attributes, int name)
    {
        var tag = new string('n', name);
        var inner = $"<{tag}{string.Concat(Enumerable.Range(0, attributes).Select(i => $" a{i}=''"))}>{new string('x', text)}</{tag}>";
        return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<a>", depth - 1)) + inner + string.Concat(Enumerable.Repeat("</a>", depth - 1)));
    }

    private static XmlFault? Refusal(byte[] xml, XmlLimits limits)
    {
        try
        {
            XmlElement.Parse(xml, "", limits);
            return null;
        }
        catch (XmlFormatException refused)
        {
            return refused.Fault;
        }
    }
}
