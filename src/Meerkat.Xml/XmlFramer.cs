using System.Buffers;

namespace Meerkat.Xml;

/// <summary>Cuts one direction of one stream into frames: the stream header, its child elements, its end tag.</summary>
/// <remarks>
/// Incremental: whatever the chunking, the frames are the same and the cost is linear in the bytes. What is unfinished is kept here in a rented buffer; between elements nothing is
/// kept but what the header declared. White space between elements (RFC 6120 §4.6.1) is skipped, also before a stream's XML declaration, where it is a keep-alive of the stream
/// before. A header may also come in a stream that is open, with an XML declaration of its own: it is for the reader of the frames to refuse. XML outside RFC 6120 §11.1 is refused. Not thread-safe.
/// </remarks>
public sealed class XmlFramer
{
    private StreamScope? _scope;
    private XmlParser? _parser;    // of the unfinished construct
    private PooledBytes _buffer;   // its bytes
    private long _offset;          // of its start, or of the next byte
    private State _state;

    /// <summary>A framer at the start of a stream.</summary>
    /// <param name="limits">What is allowed.</param>
    public XmlFramer(XmlLimits limits) => Limits = limits;

    private enum State : byte
    {
        Start,
        Declared,    // the XML declaration was read
        Open,
        Redeclared,  // an XML declaration in an open stream: only another header makes sense behind it
        EmptyRoot,   // the header was an empty-element tag: the end is still to be told
        Over,
    }

    /// <summary>What is allowed. A change holds from the next read on, for an unfinished element too.</summary>
    public XmlLimits Limits { get; set; }

    /// <summary>The default namespace that the stream header declared; "" before it or when there is none.</summary>
    public string DefaultNamespace => _scope?.DefaultNamespace ?? "";

    /// <summary>Takes the next frame.</summary>
    /// <param name="unread">What was received. When this returns false all of it has been consumed; when true, the bytes up to the end of the frame, and the rest stands for the next
    /// call.</param>
    /// <param name="frame">The frame, if there is one.</param>
    /// <returns>Whether there is a whole frame. Behind the end of the stream there never is: further bytes are dropped.</returns>
    /// <exception cref="XmlFormatException">The stream is broken, and over: nothing more comes until <see cref="Reset"/>.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> unread, out XmlFrame frame)
    {
        frame = default;
        if (_state is State.EmptyRoot)
        {
            _state = State.Over;
            frame = new(XmlFrameKind.StreamEnd, default);
            return true;
        }

        try
        {
            while (!unread.IsEmpty)
            {
                if (_state is State.Over)
                {
                    unread = unread.Slice(unread.End);
                }
                else if (_parser is null ? TryReadInPlace(ref unread, out frame) : TryReadOn(_parser, ref unread, out frame))
                {
                    return true;
                }
            }

            return false;
        }
        catch (XmlFormatException)
        {
            Drop();
            _state = State.Over;
            throw;
        }
    }

    /// <summary>A new stream starts (after STARTTLS or SASL, RFC 6120 §4.3.3): everything known of the old one is dropped, what is unfinished too.</summary>
    public void Reset()
    {
        Drop();
        _scope = null;
        _offset = 0;
        _state = State.Start;
    }

    private void Drop()
    {
        _parser = null;
        _buffer.Dispose();
    }

    /// <summary>Nothing is unfinished: parses where the bytes are, in the first segment.</summary>
    private bool TryReadInPlace(ref ReadOnlySequence<byte> unread, out XmlFrame frame)
    {
        frame = default;
        var first = unread.FirstSpan;
        var start = 0;
        while (start < first.Length && XmlChars.IsSpace(first[start]))
        {
            start++;
        }

        _offset += start;
        if (start == first.Length)
        {
            unread = AfterFirst(unread);
            return false;
        }

        var data = first[start..];
        var parser = XmlParser.Rent();
        parser.Begin(_scope, expectHeader: _scope is null, allowDeclaration: _state is State.Start or State.Open, _offset);
        var token = parser.Run(data, Limits);
        if (token is XmlToken.Incomplete)
        {
            _buffer.Append(data);
            _parser = parser;
            unread = AfterFirst(unread);
            return false;
        }

        unread = unread.Slice(start + parser.Consumed);
        return Complete(token, parser, data, out frame);
    }

    /// <summary>Something is unfinished: appends the first segment to it, or as much of it as the limit leaves room for.</summary>
    private bool TryReadOn(XmlParser parser, ref ReadOnlySequence<byte> unread, out XmlFrame frame)
    {
        frame = default;
        var before = _buffer.Length;
        var first = unread.FirstSpan;
        var room = Math.Max(1, (long)Limits.MaxElementBytes + 1 - before);
        var piece = first[..(int)Math.Min(room, first.Length)];
        _buffer.Append(piece);
        var token = parser.Run(_buffer.Written, Limits);
        if (token is XmlToken.Incomplete)
        {
            unread = piece.Length == first.Length ? AfterFirst(unread) : unread.Slice(piece.Length);
            return false;
        }

        // What was appended beyond the end of the frame is still unread.
        unread = unread.Slice(parser.Consumed - before);
        var isFrame = Complete(token, parser, _buffer.Written, out frame);
        Drop();
        return isFrame;
    }

    private bool Complete(XmlToken token, XmlParser parser, ReadOnlySpan<byte> data, out XmlFrame frame)
    {
        frame = default;
        if (_state is State.Redeclared && token is not XmlToken.Header)
        {
            throw new XmlFormatException(XmlFault.NotWellFormed, _offset, "an XML declaration that is not at the start");
        }

        switch (token)
        {
            case XmlToken.Element:
                var tree = parser.ToTree(data, DefaultNamespace);
                if (parser.UsesStreamPrefix)
                {
                    tree = WithStreamPrefixes(tree);
                }

                frame = new(XmlFrameKind.Element, new XmlElement(tree, 0));
                break;
            case XmlToken.Header:
                var header = parser.ToHeaderTree(data, DefaultNamespace);
                if (parser.UsesStreamPrefix)
                {
                    header = WithStreamPrefixes(header);
                }

                frame = new(XmlFrameKind.StreamStart, new XmlElement(header, 0));
                _scope = StreamScope.Of(header);
                _state = parser.HeaderIsEmpty ? State.EmptyRoot : State.Open;
                break;
            case XmlToken.HeaderEnd:
                frame = new(XmlFrameKind.StreamEnd, default);
                _state = State.Over;
                break;
            default:
                _state = _state is State.Open ? State.Redeclared : State.Declared;
                break;
        }

        _offset += parser.Consumed;
        XmlParser.Return(parser);
        return token is not XmlToken.Declaration;
    }

    /// <summary>Puts the declarations of the stream header that an element uses into the element itself, so that it can leave the stream. Rare: dialback, and headers in a stream.</summary>
    private XmlTree WithStreamPrefixes(XmlTree tree)
    {
        using var output = new PooledBuffer();
        output.Write("<"u8);
        output.Write(tree.QualifiedName(0));
        foreach (var prefix in _scope!.Prefixes)
        {
            if (tree.FindDeclaration(0, prefix.Name) < 0 && tree.UsesPrefix(0, prefix.Name))
            {
                XmlElement.WriteDeclaration(output, prefix.Name, prefix.Namespace);
            }
        }

        output.Write(tree.Bytes.AsSpan(1 + tree.QualifiedName(0).Length));
        return XmlDocument.ParseOwn(output.Written, DefaultNamespace);
    }

    /// <summary>What is left behind the first segment.</summary>
    private static ReadOnlySequence<byte> AfterFirst(in ReadOnlySequence<byte> unread) =>
        unread.IsSingleSegment ? unread.Slice(unread.End) : unread.Slice(unread.FirstSpan.Length);
}
