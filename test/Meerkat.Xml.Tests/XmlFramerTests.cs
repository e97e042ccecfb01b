using System.Buffers;
using System.Text;
using Xunit;

namespace Meerkat.Xml.Tests;

public sealed class XmlFramerTests
{
    private const string Header = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='h'>";

    [Fact]
    public void A_stream_is_cut_into_frames()
    {
        var frames = Read(Header + "\n<message><body>x</body></message>  <iq/><stream:features/></stream:stream>ignored");

        Assert.Equal(["StreamStart", "Element", "Element", "Element", "StreamEnd"], frames.Select(f => f.Kind.ToString()));
        Assert.Equal("h", frames[0].Element.Attribute("to"));
        Assert.True(frames[0].Element.Is("stream", "http://etherx.jabber.org/streams"));
        Assert.Equal("jabber:client", frames[1].Element.Namespace);
        Assert.Equal("<message><body>x</body></message>", Encoding.UTF8.GetString(frames[1].Element.Raw));
        Assert.Equal("<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>", frames[3].Element.ToString());
    }

    [Fact]
    public void A_header_in_the_stream_is_a_header_again()
    {
        var frames = Read(Header + "<stream:stream to='again'><a/></stream:stream>");

        Assert.Equal(["StreamStart", "StreamStart", "Element", "StreamEnd"], frames.Select(f => f.Kind.ToString()));
        Assert.Equal("again", frames[1].Element.Attribute("to"));
    }

    [Fact]
    public void The_end_tag_must_be_the_header_s()
    {
        Assert.Equal(XmlFault.NotWellFormed, Fault(Header + "</stream>"));
        Assert.Equal(XmlFault.NotWellFormed, Fault("</stream:stream>"));
    }

    [Fact]
    public void Chunks_do_not_matter()
    {
        var text = Encoding.UTF8.GetBytes(Header + "\n<message to='ä>'><body>x &#228; <![CDATA[]]]></body></message >  <iq/><stream:features/></stream:stream>");
        text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).Replace("<![CDATA[]]]>", "<![CDATA[]]]]>", StringComparison.Ordinal));
        var whole = Read(Encoding.UTF8.GetString(text)).Select(f => f.Kind + f.Element.ToString()).ToList();

        var framer = new XmlFramer(XmlLimits.Default);
        var single = new List<string>();
        foreach (var b in text)
        {
            var sequence = new ReadOnlySequence<byte>(new[] { b });
            while (framer.TryRead(ref sequence, out var frame))
            {
                single.Add(frame.Kind + frame.Element.ToString());
            }

            Assert.True(sequence.IsEmpty);
        }

        Assert.Equal(whole, single);
    }

    private static XmlFault Fault(string text) => Assert.Throws<XmlFormatException>(() => Read(text)).Fault;

    private static List<XmlFrame> Read(string text)
    {
        var framer = new XmlFramer(XmlLimits.Default);
        var sequence = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text));
        var frames = new List<XmlFrame>();
        while (framer.TryRead(ref sequence, out var frame))
        {
            frames.Add(frame);
        }

        return frames;
    }
}
