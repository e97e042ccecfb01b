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
        var text = Encoding.UTF8.GetBytes(Header + "\n<message to='ä>'><body>x &#228; <![CDATA[]]]]></body></message >  <iq/><stream:features/></stream:stream>");
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

    [Fact]
    public void The_header_is_bounded_too()
    {
        var framer = new XmlFramer(new XmlLimits { MaxElementBytes = 1_000 });
        var start = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes("<s a='"));
        Assert.False(framer.TryRead(ref start, out _));
        var fault = Assert.Throws<XmlFormatException>(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                var more = new ReadOnlySequence<byte>("x"u8.ToArray());
                framer.TryRead(ref more, out _);
            }
        });
        Assert.Equal(XmlFault.TooBig, fault.Fault);
    }

    [Fact]
    public void A_broken_stream_is_over_until_reset()
    {
        var framer = new XmlFramer(XmlLimits.Default);
        Assert.Throws<XmlFormatException>(() => Read(framer, Header + "<a></b>"));
        Assert.Empty(Read(framer, "<a/>"));
        framer.Reset();
        Assert.Equal("", framer.DefaultNamespace);
        Assert.Equal(2, Read(framer, "\n" + Header + "<a/>").Count);
        Assert.Equal("jabber:client", framer.DefaultNamespace);
    }

    [Fact]
    public void A_reset_forgets_what_was_unfinished()
    {
        var framer = new XmlFramer(XmlLimits.Default);
        Assert.Single(Read(framer, Header + "<a><b"));
        framer.Reset();
        Assert.Equal(2, Read(framer, "<s xmlns='x'><c/>").Count);
    }

    [Fact]
    public void An_empty_root_starts_and_ends_the_stream()
    {
        Assert.Equal(["StreamStart", "StreamEnd"], Read("<s/>   <b/>").Select(f => f.Kind.ToString()));
    }

    [Fact]
    public void Faults_count_from_the_start_of_the_stream()
    {
        var framer = new XmlFramer(XmlLimits.Default);
        Read(framer, "<s>");
        Read(framer, "<a/> <b");
        Assert.Equal(11, Assert.Throws<XmlFormatException>(() => Read(framer, ">&x;</b>")).Offset);
    }

    [Fact]
    public void An_idle_framer_is_small_and_a_message_is_three_allocations()
    {
        Read(new XmlFramer(XmlLimits.Default), Header + "<a/>");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var framer = new XmlFramer(XmlLimits.Default);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 199);

        Read(framer, Header);
        var message = Encoding.UTF8.GetBytes($"<message type='chat' to='u@localhost/r' id='x'><body>{new string('x', 100)}</body></message>");
        var sequence = new ReadOnlySequence<byte>(message);
        framer.TryRead(ref sequence, out _);
        sequence = new(message);
        before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(framer.TryRead(ref sequence, out var frame));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // The bytes, the index (two elements of 9 words, three attributes of 5), the tree: each with its object header.
        var expected = Padded(24 + message.Length) + Padded(24 + (33 * 4)) + Padded(16 + (4 * 8));
        Assert.Equal(expected, allocated);
        Assert.Equal("chat", frame.Element.Attribute("type"));
    }

    private static long Padded(long bytes) => (bytes + 7) / 8 * 8;

    private static XmlFault Fault(string text) => Assert.Throws<XmlFormatException>(() => Read(text)).Fault;

    private static List<XmlFrame> Read(string text) => Read(new XmlFramer(XmlLimits.Default), text);

    private static List<XmlFrame> Read(XmlFramer framer, string text)
    {
        var sequence = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text));
        var frames = new List<XmlFrame>();
        while (framer.TryRead(ref sequence, out var frame))
        {
            frames.Add(frame);
        }

        return frames;
    }
}
