using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Meerkat.Xml;

namespace Meerkat.Benchmarks.Xml;

/// <summary>What the XML of a stanza costs. Results of a run are in README.md beside this file.</summary>
[MemoryDiagnoser]
public class XmlBenchmarks
{
    private static readonly byte[] Header = Encoding.UTF8.GetBytes("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>");
    private static readonly byte[] ChatBytes = Encoding.UTF8.GetBytes($"<message type='chat' to='u@localhost/r' id='x'><body>{new string('x', 100)}</body></message>");
    private static readonly byte[] RosterBytes = Encoding.UTF8.GetBytes(
        "<iq type='result' id='r1' to='u@localhost/r'><query xmlns='jabber:iq:roster' ver='v1'>"
        + string.Concat(Enumerable.Range(0, 20).Select(i => $"<item jid='contact{i}@localhost' name='Contact {i}' subscription='both'><group>Friends</group></item>")) + "</query></iq>");

    private readonly ArrayBufferWriter<byte> _output = new(65_536);
    private readonly XmlFramer _framer = new(XmlLimits.Default);
    private readonly ReadOnlySequence<byte> _chat = new(ChatBytes);
    private readonly ReadOnlySequence<byte> _chatInTwo = InTwo(ChatBytes);
    private readonly ReadOnlySequence<byte> _roster = new(RosterBytes);
    private readonly ReadOnlySequence<byte>[] _large;
    private XmlElement _message;

    public XmlBenchmarks()
    {
        XmlNames.Register("jabber:client", "http://etherx.jabber.org/streams", "jabber:iq:roster", "message", "iq", "body", "query", "item", "chat", "result");
        var large = Encoding.UTF8.GetBytes($"<message><body>{new string('x', 200_000)}</body></message>");
        _large = [.. large.Select(b => new ReadOnlySequence<byte>(new[] { b }))];
    }

    [GlobalSetup]
    public void Setup()
    {
        var header = new ReadOnlySequence<byte>(Header);
        _framer.TryRead(ref header, out _);
        _message = Read(_chat);
    }

    /// <summary>A chat message of about 170 bytes, whole in one segment: framed, checked, indexed.</summary>
    [Benchmark(Baseline = true)]
    public XmlElement Frame_chat_message() => Read(_chat);

    /// <summary>The same message cut by the end of a segment.</summary>
    [Benchmark]
    public XmlElement Frame_chat_message_in_two_segments() => Read(_chatInTwo);

    /// <summary>A roster result of 20 contacts, about 2.2 KB.</summary>
    [Benchmark]
    public XmlElement Frame_roster_result() => Read(_roster);

    /// <summary>A message of 200 KB from a peer that sends single bytes; per byte.</summary>
    [Benchmark(OperationsPerInvoke = 200_000)]
    public XmlElement Frame_byte_by_byte()
    {
        foreach (var one in _large)
        {
            var unread = one;
            if (_framer.TryRead(ref unread, out var frame))
            {
                return frame.Element;
            }
        }

        return default;
    }

    /// <summary>What routing asks of a message: its kind and three attributes.</summary>
    [Benchmark]
    public bool Read_header() =>
        _message.Is("message", "jabber:client") && _message.Attribute("to") is not null && _message.Attribute("type") is not null && _message.Attribute("id") is not null;

    /// <summary>The same message built.</summary>
    [Benchmark]
    public XmlElement Build_chat_message() =>
        new XmlBuilder("message", "jabber:client").Attribute("type", "chat").Attribute("to", "u@localhost/r").Attribute("id", "x").Element("body", "Hello there").Build();

    /// <summary>A whole message to a stream of its own namespace.</summary>
    [Benchmark]
    public int Write_copied() => Write("jabber:client");

    /// <summary>A whole message to a stream of another namespace.</summary>
    [Benchmark]
    public int Write_completed() => Write("jabber:server");

    private int Write(string context)
    {
        _output.ResetWrittenCount();
        _message.WriteTo(_output, context);
        return _output.WrittenCount;
    }

    private XmlElement Read(ReadOnlySequence<byte> bytes)
    {
        _framer.TryRead(ref bytes, out var frame);
        return frame.Element;
    }

    private static ReadOnlySequence<byte> InTwo(byte[] bytes)
    {
        var first = new Segment(bytes.AsMemory(0, bytes.Length / 2), 0);
        var second = new Segment(bytes.AsMemory(bytes.Length / 2), bytes.Length / 2);
        first.Append(second);
        return new(first, 0, second, second.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        internal Segment(ReadOnlyMemory<byte> memory, long before)
        {
            Memory = memory;
            RunningIndex = before;
        }

        internal void Append(Segment next) => Next = next;
    }
}
