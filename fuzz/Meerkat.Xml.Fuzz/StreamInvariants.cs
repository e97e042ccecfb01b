using System.Buffers;
using System.Text;

namespace Meerkat.Xml.Fuzz;

/// <summary>What must hold for every byte string that is fed to a framer. Shared by the fuzz target and the tests.</summary>
internal static class StreamInvariants
{
    /// <summary>What came of a stream: its frames in words, and the fault that ended it, if one did.</summary>
    internal sealed record Outcome(string Frames, XmlFault? Fault, long Offset);

    /// <summary>Fails if the outcome depends on the chunking, or if a frame cannot be written, read back and taken apart without change of meaning.</summary>
    internal static Outcome Check(byte[] stream, XmlLimits limits)
    {
        // A tag that is cut for good may hold a fault that only its end would bring to light: '<' is an end to everything but text.
        byte[] ended = [.. stream, (byte)'<'];
        var whole = Read(Whole(ended), limits, CheckElement);
        Same(whole, Read(Pieces(ended, _ => 1), limits, null), "in single bytes");
        Same(whole, Read(Pieces(ended, i => 1 + (((i * 7) + ended.Length) % 13)), limits, null), "in small pieces");
        Same(whole, Read([Segments(ended, i => 1 + (((i * 5) + ended.Length) % 17))], limits, null), "in segments");
        return whole;
    }

    /// <summary>Fails if the outcome depends on where the stream is cut in two, as reads or as segments.</summary>
    internal static Outcome CheckEveryCut(byte[] stream, XmlLimits limits)
    {
        var whole = Check(stream, limits);
        byte[] ended = [.. stream, (byte)'<'];
        for (var cut = 1; cut < ended.Length; cut++)
        {
            var at = cut;
            Same(whole, Read(Pieces(ended, i => i < at ? at : ended.Length), limits, null), $"in two reads, cut at {cut}");
            Same(whole, Read([Segments(ended, i => i < at ? at : ended.Length)], limits, null), $"in two segments, cut at {cut}");
        }

        return whole;
    }

    private static void Same(Outcome expected, Outcome actual, string how)
    {
        if (expected != actual)
        {
            throw new InvalidOperationException($"{how}: {actual}; whole: {expected}");
        }
    }

    private static Outcome Read(IEnumerable<ReadOnlySequence<byte>> reads, XmlLimits limits, Action<XmlElement>? check)
    {
        var framer = new XmlFramer(limits);
        var frames = new StringBuilder();
        try
        {
            foreach (var read in reads)
            {
                var unread = read;
                while (framer.TryRead(ref unread, out var frame))
                {
                    frames.Append(frame.Kind).Append(' ').Append(frame.Element.IsDefault ? "" : frame.Element.Namespace).Append(' ').Append(frame.Element.ToString()).Append('\n');
                    if (!frame.Element.IsDefault)
                    {
                        check?.Invoke(frame.Element);
                    }
                }

                if (!unread.IsEmpty)
                {
                    throw new InvalidOperationException("A read without a frame left bytes behind.");
                }
            }

            return new(frames.ToString(), null, -1);
        }
        catch (XmlFormatException refused)
        {
            return new(frames.ToString(), refused.Fault, refused.Offset);
        }
    }

    private static void CheckElement(XmlElement element)
    {
        var generous = new XmlLimits { MaxElementBytes = int.MaxValue - 1, MaxAttributes = 1_000, MaxDepth = 1_000_000 };
        Equal(element, XmlElement.Parse(element.ToUtf8(), "", generous), "written and parsed");
        Equal(element, XmlElement.Parse(Written(element, "other"), "other", generous), "written elsewhere and parsed");
        Equal(element, element.WithAttribute("meerkat-fuzz", "1").WithAttribute("meerkat-fuzz", null), "with an attribute and without");
        if (element.Children.Count > 0)
        {
            Equal(element, element.With(new XmlBuilder("meerkat-fuzz", "x").Build()).Without(c => c.Is("meerkat-fuzz", "x")), "with a child and without");
            Equal(element.WithChildren([]), element.WithChildren(element.Children).WithChildren([]), "with its own children and with none");
        }

        foreach (var child in element.Children)
        {
            Equal(child, child.Detach(), "detached");
            Equal(child, XmlElement.Parse(child.ToUtf8(), "", generous), "a child written and parsed");
            Equal(child, new XmlBuilder("a", "around").Add(child).Build().FirstChild!.Value, "a child put elsewhere");
        }
    }

    private static byte[] Written(XmlElement element, string context)
    {
        var output = new ArrayBufferWriter<byte>();
        element.WriteTo(output, context);
        return output.WrittenSpan.ToArray();
    }

    private static void Equal(XmlElement expected, XmlElement actual, string how)
    {
        if (!XmlElement.ValueEquals(expected, actual))
        {
            throw new InvalidOperationException($"{how}: {actual}; before: {expected}");
        }
    }

    private static IEnumerable<ReadOnlySequence<byte>> Whole(byte[] stream) => [new(stream)];

    private static IEnumerable<ReadOnlySequence<byte>> Pieces(byte[] stream, Func<int, int> size)
    {
        for (var at = 0; at < stream.Length;)
        {
            var length = Math.Min(size(at), stream.Length - at);
            yield return new(stream, at, length);
            at += length;
        }
    }

    private static ReadOnlySequence<byte> Segments(byte[] stream, Func<int, int> size)
    {
        Segment? first = null;
        Segment? last = null;
        for (var at = 0; at < stream.Length;)
        {
            var length = Math.Min(size(at), stream.Length - at);
            last = new(stream.AsMemory(at, length), last);
            first ??= last;
            at += length;
        }

        return first is null ? default : new(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        internal Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
